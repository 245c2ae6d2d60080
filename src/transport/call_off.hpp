// A caller's wish that its call ends, from the moment the call is begun until it is over. Shared by the call and by the
// slot that the wish comes through; on the executor, but for its construction.
#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace warmwire::detail {

class call_off {
 public:
  call_off() = default;
  /// To be made by the initiating function: the wish may come before the call has found its way to the executor.
  explicit call_off(boost::asio::cancellation_slot slot) {
    if (!slot.is_connected()) return;
    wish_ = std::make_shared<wish>();
    slot.assign([wish = wish_](boost::asio::cancellation_type) { wish->come(); });
  }

  /// `listener` is called when the wish comes, and at once when it has come.
  void listen(std::function<void()> listener) const {
    if (!wish_) return;
    wish_->listener = std::move(listener);
    if (wish_->has_come) wish_->come();
  }

  /// The call is over. The slot is not touched for it: its signal may be gone.
  void end() const noexcept {
    if (wish_) wish_->listener = nullptr;
  }

 private:
  struct wish {
    void come() {
      has_come = true;
      if (const auto told = listener) told();
    }

    bool has_come = false;
    std::function<void()> listener;
  };

  std::shared_ptr<wish> wish_;
};

}  // namespace warmwire::detail

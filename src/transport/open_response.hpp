// What a response_stream holds: the exchange it reads from.
#pragma once

#include "transport/exchange.hpp"

#include <memory>
#include <utility>

namespace warmwire::detail {

class open_response {
 public:
  explicit open_response(std::shared_ptr<exchange> from) : exchange_(std::move(from)) {}
  open_response(const open_response&) = delete;
  open_response& operator=(const open_response&) = delete;
  ~open_response() {
    if (exchange_) exchange_->abandon();
  }

  /// The last that is done with it.
  void drain() { std::exchange(exchange_, nullptr)->drain(); }

  [[nodiscard]] exchange& get() const noexcept { return *exchange_; }
  [[nodiscard]] const std::shared_ptr<exchange>& share() const noexcept { return exchange_; }

 private:
  std::shared_ptr<exchange> exchange_;
};

}  // namespace warmwire::detail

// What a program is told of its requests and leases, by the functions it gave for that: the one place from which they
// are called. Owned by the transport_core and by the handler that tells; on the transport's executor.
#pragma once

#include <warmwire/long_lease.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace warmwire::detail {

/// Where the program listens; what is empty hears nothing.
struct listeners {
  std::function<void(std::string_view)> log;
  std::function<void(std::string_view)> on_warning;
  std::function<void(const long_lease&)> on_long_lease;
};

/// Reports are put down where they arise, in the middle of anything, and told in that order from a handler that does
/// nothing else. So a listener may do all that is allowed on the executor, up to ending the transport; what it throws
/// is ignored, since whoever watches must not change what happens.
class reports : public std::enable_shared_from_this<reports> {
 public:
  reports(boost::asio::any_io_executor executor, listeners to)
      : executor_(std::move(executor)), listeners_(std::move(to)) {}

  /// `make()` is called for the line when somebody listens. A report that memory does not suffice for is left out.
  template <class Make>
  void log(Make make) noexcept {
    if (!listeners_.log) return;
    try {
      add(make());
    } catch (...) {
    }
  }
  /// Of what is allowed and dangerous. The log hears of it, too.
  [[nodiscard]] bool hears_warnings() const noexcept { return listeners_.log || listeners_.on_warning; }
  void warn(std::string text) noexcept;
  /// The same for a `long_lease`, which the log hears of, too.
  template <class Make>
  void tell(Make make) noexcept {
    if (!listeners_.log && !listeners_.on_long_lease) return;
    try {
      long_lease what = make();
      if (listeners_.log) add(what.to_string());
      if (listeners_.on_long_lease) add(std::move(what));
    } catch (...) {
    }
  }

 private:
  struct warning {
    std::string text;
  };
  using report = std::variant<std::string, warning, long_lease>;

  void add(report what);
  void deliver();
  void deliver_one(const report& what) const;

  const boost::asio::any_io_executor executor_;
  const listeners listeners_;
  std::deque<report> waiting_;
  bool is_posted_ = false;
};

}  // namespace warmwire::detail

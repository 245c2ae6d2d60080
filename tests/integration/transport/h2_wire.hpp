// What the tests of HTTP/2 through the transport share.
#pragma once

#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::test {

/// A script in the language of docs/emulator.md.
inline emulator::script rules(std::string_view text) {
  return emulator::parse_script(text).value();
}

inline pool_options http2_only(pool_options options = {}) {
  options.protocol = http_protocol::http2;
  return options;
}

/// A pool that never has more than one connection, with so many streams.
inline pool_options one_connection(std::size_t streams = 100) {
  auto options = http2_only();
  options.max_h2_connections = 1;
  options.max_streams = options.target_streams = streams;
  return options;
}

inline emulator::emulator_options streams_at_once(std::uint32_t limit) {
  emulator::emulator_options options;
  options.max_concurrent_streams = limit;
  return options;
}

/// What `done` completes with, once.
template <class T>
struct outcome {
  std::optional<result<T>> got;
  boost::asio::cancellation_signal signal;

  [[nodiscard]] bool has_ended() const { return got.has_value(); }
  [[nodiscard]] std::optional<errc> failure() const {
    return got && got->has_error() ? std::optional(got->error().code) : std::nullopt;
  }
  void cancel() { signal.emit(boost::asio::cancellation_type::terminal); }
  /// To be given to an asynchronous function.
  auto token() {
    return boost::asio::bind_cancellation_slot(signal.slot(), [this](result<T> what) {
      EXPECT_FALSE(got.has_value()) << "each request ends once";
      got.emplace(std::move(what));
    });
  }
};

/// Things that run at once, of one kind.
template <class T>
class outcomes {
 public:
  explicit outcomes(wire& test) : test_(test) {}

  outcome<T>& add() { return *all_.emplace_back(std::make_unique<outcome<T>>()); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  outcome<T>& operator[](std::size_t i) { return *all_.at(i); }
  [[nodiscard]] auto begin() { return all_.begin(); }
  [[nodiscard]] auto end() { return all_.end(); }

  [[nodiscard]] std::size_t count_ended() const {
    std::size_t count = 0;
    for (const auto& each : all_)
      count += each->has_ended() ? 1U : 0U;
    return count;
  }
  [[nodiscard]] std::size_t count(std::optional<errc> failure) const {
    std::size_t count = 0;
    for (const auto& each : all_)
      count += each->has_ended() && each->failure() == failure ? 1U : 0U;
    return count;
  }
  awaitable<void> wait() {
    co_await test_.until([this] { return count_ended() == size(); });
  }
  /// The same, of which none may have failed.
  awaitable<void> wait_for_success() {
    co_await wait();
    for (const auto& each : all_) {
      EXPECT_EQ(each->failure(), std::nullopt) << (each->got ? each->got->error().to_string() : "it hangs");
    }
  }

 protected:
  wire& test_;

 private:
  std::vector<std::unique_ptr<outcome<T>>> all_;
};

/// Requests that run at once.
struct sendings : outcomes<response> {
  using outcomes::outcomes;
  outcome<response>& start(request message) {
    auto& made = add();
    test_.pools.async_send(std::move(message), made.token());
    return made;
  }
  void start(std::size_t count, const request& message) {
    for (std::size_t i = 0; i < count; ++i)
      start(message);
  }
};

/// Streamed responses that are open at once.
struct openings : outcomes<response_stream> {
  using outcomes::outcomes;
  outcome<response_stream>& start(request message) {
    auto& made = add();
    test_.pools.async_open(std::move(message), made.token());
    return made;
  }
  void start(std::size_t count, const request& message) {
    for (std::size_t i = 0; i < count; ++i)
      start(message);
  }
  response_stream& stream(std::size_t i) { return (*this)[i].got->value(); }
};

inline awaitable<result<void>> prewarm(wire& test, std::size_t connections) {
  co_return co_await test.pools.async_prewarm("default", test.server.origin(), connections, use_awaitable);
}

/// At least so long: what is to be older than that is.
inline awaitable<void> let_pass(wire& test, std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(test.loop, time);
  co_await timer.async_wait(use_awaitable);
}

/// More than a window of 1 MiB: a response that nobody reads keeps its stream open.
inline constexpr auto unread = "/bytes/3000000";
inline constexpr std::size_t unread_bytes = 3'000'000;

}  // namespace warmwire::test

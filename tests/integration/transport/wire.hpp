// A transport and an emulator joined over loopback, and a way to run a test as a coroutine between them.
#pragma once

#include "../loop_slices.hpp"
#include "emulator/emulator.hpp"
#include "tests/integration/hang.hpp"

#include <warmwire/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace warmwire::test {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;
namespace fault = emulator::fault;

inline emulator::script one_rule(emulator::selector when, std::vector<emulator::action> actions) {
  return {{{std::move(when), std::move(actions)}}};
}

inline fault::end ends(fault::ending how, fault::moment when, std::uint64_t body_bytes = 0) {
  return {how, when, body_bytes, std::chrono::microseconds(0)};
}

class wire {
 public:
  explicit wire(emulator::script faults = {}, pool_options options = {}, emulator::emulator_options server_options = {},
                transport_options of_all = {})
      : server([&] {
          server_options.script = std::move(faults);
          return server_options;
        }()),
        pools(loop.get_executor(), std::move(of_all)) {
    if (server_options.tls) {
      if (!options.tls) options.tls.emplace();
      if (options.tls->ca_file.empty()) options.tls->ca_file = server.ca_file();
    }
    // What a test says of connections it says of HTTP/1.1, unless it names the protocol.
    if (!options.protocol) options.protocol = http_protocol::http1;
    pools.configure("default", options).value();
  }

  [[nodiscard]] request get(const std::string& path) const {
    request message;
    message.url = server.origin() + path;
    return message;
  }

  [[nodiscard]] request post(const std::string& path, std::string body = "ping") const {
    request message = get(path);
    message.method = "POST";
    message.body = std::move(body);
    return message;
  }

  awaitable<result<response>> send(request message) {
    co_return co_await pools.async_send(std::move(message), use_awaitable);
  }

  /// Runs `body`, closes the pools and waits until the loop has nothing left to do: a leaked socket, timer or task
  /// would keep it going.
  void run(const std::function<awaitable<void>()>& body) {
    const auto and_close = [&]() -> awaitable<void> {
      co_await body();
      (void)co_await pools.async_close_all(0ms, use_awaitable);
    };
    loop_slices::run_beside(loop, and_close, hang);
    ASSERT_TRUE(loop.stopped()) << "something is left on the loop";
    const auto left = pools.stats("default");
    EXPECT_EQ(left.active, 0U);
    EXPECT_EQ(left.idle, 0U);
    EXPECT_EQ(left.connecting, 0U);
    EXPECT_EQ(left.pending, 0U);
    // A dial that was given up is closed without having been opened.
    EXPECT_GE(left.closed_total(), left.opened + left.dial_failures) << left.to_string();
  }

  [[nodiscard]] pool_stats stats() const { return pools.stats("default"); }

  /// Lets the loop handle what has arrived, until `condition` holds.
  awaitable<void> until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + hang;
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      co_await boost::asio::post(loop, use_awaitable);
    }
    EXPECT_TRUE(condition());
  }

  emulator::server server;
  boost::asio::io_context loop{1};
  transport pools;
};

inline awaitable<result<response_stream>> open(wire& test, request message) {
  co_return co_await test.pools.async_open(std::move(message), use_awaitable);
}

inline awaitable<result<std::string>> read_all(response_stream& from) {
  std::string all;
  for (;;) {
    auto chunk = co_await from.async_read(use_awaitable);
    if (!chunk) co_return std::move(chunk).error();
    if (chunk->empty()) co_return all;
    all += *chunk;
  }
}

}  // namespace warmwire::test

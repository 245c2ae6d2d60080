// The real transport against a real server, and a way to run a test as a coroutine between them.
#pragma once

#include <warmwire/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace warmwire::test {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

/// Far longer than anything here takes, under sanitizers too: only a hang reaches it.
inline constexpr auto hang = std::chrono::seconds(240);

/// Requests by many callers, each of which sends its next one when it has the answer to the last.
struct load {
  std::size_t requests = 1;
  std::size_t callers = 1;
};

/// What came of it.
struct load_outcome {
  std::size_t answered = 0;
  std::vector<std::string> errors{};
};

class client {
 public:
  /// Sends to `origin`, trusting only what `ca_file` issued when there is one.
  client(std::string origin, const std::string& ca_file, pool_options options = {});

  [[nodiscard]] request get(const std::string& path) const;
  [[nodiscard]] request post(const std::string& path, std::string body = "ping") const;
  awaitable<result<response>> send(request message);
  /// Posts "ping" to /echo/1, /echo/2, … and checks that each is answered with status 200 and, if one is given, this
  /// body.
  awaitable<load_outcome> send_all(load work, std::string expected_body = {});

  /// Runs `body`, closes the pools and waits until the loop has nothing left to do: a leaked socket, timer or task
  /// would keep it going.
  void run(const std::function<awaitable<void>()>& body);
  /// Lets the loop handle what arrives, until `condition` holds.
  awaitable<void> until(const std::function<bool()>& condition);
  awaitable<void> pass(std::chrono::milliseconds time);

  [[nodiscard]] pool_stats stats() const { return pools.stats("default"); }

  std::string origin;
  boost::asio::io_context loop{1};
  transport pools;
};

}  // namespace warmwire::test

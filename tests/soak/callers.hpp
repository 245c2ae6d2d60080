// The callers of the soak: each sends one request after another, over one protocol, until it is told to stop. On the
// transport's executor.
#pragma once

#include "tests/random_faults.hpp"
#include "tests/soak/ledger.hpp"

#include <warmwire/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <string>

namespace warmwire::test {

/// What all callers share.
struct surroundings {
  boost::asio::io_context& loop;
  transport& pools;
  ledger& book;
  dice& chance;
  std::string url;
  bool is_over = false;  ///< nobody begins another request
  int calling = 0;       ///< callers that have not stopped
};

class caller {
 public:
  /// `provider` is the pool to use, `protocol` what that speaks.
  caller(surroundings& around, std::string provider, std::string_view protocol);
  void start();

 private:
  void pause();
  void call();
  void ended(std::uint64_t id, const result<response>& how);
  [[nodiscard]] request make_request(std::uint64_t id) const;
  [[nodiscard]] boost::asio::awaitable<result<response>> stream(request message);

  surroundings& around_;
  const std::string provider_;
  const std::string_view protocol_;
  boost::asio::steady_timer timer_;
};

}  // namespace warmwire::test

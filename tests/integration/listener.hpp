// A listening socket for tests of dialing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace warmwire::test {

/// Its kernel accepts connections, or drops their SYNs once its queue is full.
class listener {
 public:
  using tcp = boost::asio::ip::tcp;

  enum class begins { listening, refusing };

  /// Throws `boost::system::system_error` where the machine lacks the address or the port is taken.
  explicit listener(const std::string& address = "127.0.0.1", std::uint16_t port = 0, begins how = begins::listening)
      : acceptor_(context_) {
    const tcp::endpoint endpoint(boost::asio::ip::make_address(address), port);
    acceptor_.open(endpoint.protocol());
    if (endpoint.address().is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(true));
    acceptor_.bind(endpoint);
    if (how == begins::listening) acceptor_.listen();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// From now on nobody gets an answer.
  void fall_silent() {
    acceptor_.listen(0);
    const auto endpoint = acceptor_.local_endpoint();
    for (int i = 0; i < 4; ++i) {
      auto& filler = fillers_.emplace_back(context_, endpoint.protocol());
      filler.native_non_blocking(true);
      ::connect(filler.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    }
  }

  /// Ends silence and refusal. Whoever waits for an answer gets one when TCP asks again, a second after it first did.
  void wake_up() {
    fillers_.clear();
    acceptor_.listen();
  }

  tcp::socket accept() { return acceptor_.accept(); }

 private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> fillers_;
};

/// A port that nobody listens on.
inline std::uint16_t closed_port() {
  return listener().port();
}

}  // namespace warmwire::test

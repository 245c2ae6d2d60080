// Ends the waits on a socket at a time. On the socket's executor; must not outlive the socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace warmwire::net {

/// The time may come while nobody waits, so `has_expired` is asked before each wait and after it.
class deadline_watch {
 public:
  deadline_watch(boost::asio::ip::tcp::socket& socket, std::chrono::steady_clock::time_point deadline)
      : watched_(std::make_shared<watched>(watched{.socket = &socket})), timer_(socket.get_executor(), deadline) {
    timer_.async_wait([over = watched_](const boost::system::error_code& stopped) {
      if (stopped || over->socket == nullptr) return;
      over->has_expired = true;
      boost::system::error_code ignored;
      over->socket->cancel(ignored);
    });
  }
  deadline_watch(const deadline_watch&) = delete;
  deadline_watch& operator=(const deadline_watch&) = delete;
  ~deadline_watch() { watched_->socket = nullptr; }

  [[nodiscard]] bool has_expired() const noexcept { return watched_->has_expired; }

 private:
  /// Outlives the watch when the timer's handler was already on its way.
  struct watched {
    boost::asio::ip::tcp::socket* socket;
    bool has_expired = false;
  };

  std::shared_ptr<watched> watched_;
  boost::asio::steady_timer timer_;
};

}  // namespace warmwire::net

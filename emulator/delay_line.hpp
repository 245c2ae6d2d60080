// A TCP connection seen from far away: bytes arrive and leave half a round trip late. Owned by its channel (the pumps
// of a delayed line share it); lives on the server's executor.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::emulator {

using steady_time = std::chrono::steady_clock::time_point;
inline constexpr steady_time never = steady_time::max();

struct io_result {
  std::size_t bytes = 0;
  boost::system::error_code failure{};  ///< asio::error::eof at the end, asio::error::timed_out at the deadline
};

/// What can be done to a connection in the place of further bytes.
enum class line_end : std::uint8_t {
  half_close,  ///< FIN; reading goes on
  close,       ///< FIN; what comes later is answered by RST
  reset,       ///< RST
  vanish,      ///< the kernel drops what comes from the peer, unanswered
};

/// One reader and one writer at a time. Without a round trip time it is the socket and nothing else. With one, a byte
/// is handed up rtt/2 after it arrived and sent rtt/2 after it was written, in order with the ends; and what the peer
/// sends in the first 1.5 rtt after the accept is held until then, because a real peer would have waited one rtt for
/// its TCP handshake. Each direction holds at most `max_in_flight_bytes`.
class delay_line : public std::enable_shared_from_this<delay_line> {
 public:
  static constexpr std::size_t max_in_flight_bytes = 1 << 20;

  delay_line(boost::asio::ip::tcp::socket socket, std::chrono::microseconds rtt);

  /// Starts the pumps of a delayed line. Once, before anything else.
  void start();

  /// Reads what there is, waiting for a first byte until `deadline`.
  boost::asio::awaitable<io_result> read_some(std::span<char> into, steady_time deadline = never);
  /// Returns when all bytes were sent or queued.
  boost::asio::awaitable<boost::system::error_code> write(std::string_view bytes);
  /// Returns when it has been done, after all bytes written before. No write may follow.
  boost::asio::awaitable<void> end(line_end how);

  /// Closes the socket now; all operations end.
  void abandon();

 private:
  struct inbound {
    steady_time due;
    std::string bytes;
    boost::system::error_code failure;
  };
  struct outbound {
    steady_time due;
    std::string bytes;
    std::optional<line_end> end;
  };

  [[nodiscard]] bool is_delayed() const { return half_trip_ > half_trip_.zero(); }
  boost::asio::awaitable<io_result> read_socket(std::span<char> into, steady_time deadline);
  boost::asio::awaitable<io_result> read_queue(std::span<char> into, steady_time deadline);
  io_result take_inbound(std::span<char> into);
  boost::asio::awaitable<void> pump_in();
  boost::asio::awaitable<void> pump_out();
  void enqueue(outbound piece);
  void apply(line_end how);

  boost::asio::ip::tcp::socket socket_;
  const std::chrono::microseconds half_trip_;
  const steady_time first_byte_due_;

  boost::asio::steady_timer read_timer_;
  std::uint64_t reads_ = 0;
  bool is_reading_ = false;

  // A delayed line only. Each timer is a condition variable: set to the time to wake, cancelled when there is news.
  std::deque<inbound> inbound_;
  std::size_t inbound_bytes_ = 0;
  boost::asio::steady_timer inbound_taken_;
  std::deque<outbound> outbound_;
  std::size_t outbound_bytes_ = 0;
  boost::asio::steady_timer outbound_added_;
  boost::asio::steady_timer outbound_sent_;
  boost::system::error_code write_failure_;
};

}  // namespace warmwire::emulator

// The life of one request: queue, connection, head, body, and the way back. One executor; kept alive by the coroutines
// that run it and by the response that is read from it.
#pragma once

#include "connection/outgoing.hpp"
#include "connection/wake_up.hpp"
#include "http/keep_alive.hpp"
#include "http/request_head.hpp"
#include "http/url.hpp"
#include "pool/deadlines.hpp"
#include "pool/origin_pool.hpp"
#include "pool/replay.hpp"
#include "transport/lease.hpp"
#include "transport/origin_driver.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/provider_answer.hpp>
#include <warmwire/request.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::detail {

class transport_core;

enum class reading : std::uint8_t {
  whole,     ///< the body is collected; bounded by `max_response_body_bytes` and `inactivity_timeout`
  streamed,  ///< the caller reads piece by piece; `stream_idle_timeout`
};

class exchange final : public std::enable_shared_from_this<exchange>, private pool::deadline {
 public:
  exchange(std::shared_ptr<transport_core> core, request message, reading how);
  ~exchange() override;

  /// Runs until the response's head (`streamed`) or end (`whole`).
  boost::asio::awaitable<result<void>> open();
  /// The next bytes of a streamed body; empty at its end. From this call on, which may be long before the coroutine
  /// starts, the reader counts as one who waits.
  boost::asio::awaitable<result<std::string>> read();
  /// From the next `read` on, all of them together may wait for so long, at most a day.
  void limit_rest(std::optional<std::chrono::milliseconds> wait) noexcept;
  /// Nobody will read the rest: over HTTP/2 resets the stream at once, over HTTP/1.1 as `drain`.
  void abandon() noexcept;
  /// The rest does not matter: reads it if that is cheap, else closes the connection or resets the stream.
  void drain() noexcept;
  /// Ends the exchange with `why`, wherever it is.
  void interrupt(errc why);
  /// An exception has ended the coroutine that ran it: ends the exchange, and says with what.
  error break_off(const std::exception_ptr& thrown) noexcept;

  [[nodiscard]] const transport_core& core() const noexcept { return *core_; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] warmwire::headers& headers() noexcept { return headers_; }
  [[nodiscard]] std::string take_body() { return std::move(body_); }
  [[nodiscard]] warmwire::provenance provenance() const;

  // For the origin_driver
  void granted(lease given, const pool::connection_view& view);
  void rejected(error why);
  /// What `granted` threw.
  void not_granted(const std::exception_ptr& thrown) noexcept;
  [[nodiscard]] const std::string& tag() const noexcept { return request_.tag; }
  [[nodiscard]] const std::string& provider() const noexcept { return request_.provider; }

 private:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  struct cut {
    errc code;
    close_reason reason;
  };

  result<void> prepare();
  result<void> prepare_bytes();
  boost::asio::awaitable<result<void>> acquire();
  boost::asio::awaitable<result<void>> converse();
  boost::asio::awaitable<result<std::string>> read_on();
  boost::asio::awaitable<result<void>> advance_within_limits();
  static boost::asio::awaitable<void> read_away(std::shared_ptr<exchange> self);
  bool replay_after(const error& failure);
  [[nodiscard]] pool::failed_exchange failed_so_far() const;
  bool go_again(const pool::replay_decision& decision);
  std::uint32_t& replays_for(replay_reason reason);
  void note_head();
  void finish();
  [[nodiscard]] std::optional<close_reason> reason_to_part() const;
  void end_exchange(close_reason reason);
  void let_go_of_lease(close_reason reason) noexcept;
  void leave_rest(close_reason reason);
  void reset_or_drain();
  void drain_if_worth_it();
  error fail(error reason);
  void settle() noexcept;
  [[nodiscard]] std::string summary() const;

  void cut_short(const cut& how);
  error explain_cut() const;
  error describe(error reason) const;
  void note_progress(error& of) const noexcept;
  std::shared_ptr<const provider_answer> answer_so_far() const;
  close_reason end_of(const error& failure) const;

  void look_again_at(pool::time_point when);
  void report_long_lease(bool is_back) noexcept;
  [[nodiscard]] pool::time_point report_due() const;
  void expired(pool::time_point now) override;
  void look(pool::time_point now);
  std::optional<cut> overdue(pool::time_point now);
  bool path_is_dead();
  pool::time_point next_look(pool::time_point now);
  std::chrono::milliseconds silence_limit() const;
  std::chrono::milliseconds response_limit() const;

  const std::shared_ptr<transport_core> core_;
  request request_;
  const reading how_;
  http::url url_;
  std::shared_ptr<origin_driver> driver_;
  std::shared_ptr<const provider_config> config_;
  std::shared_ptr<void> living_;
  std::optional<http::request_head> head_;
  std::optional<connection::outgoing> outgoing_;

  lease lease_;
  std::optional<error> rejection_;
  std::optional<cut> cut_;
  connection::wake_up wake_;
  bool queued_ = false;
  bool advancing_ = false;
  bool is_read_ = false;  // somebody waits for bytes, or is about to
  bool settled_ = false;
  bool reported_ = false;    // the lease has been held for long, and that was told
  bool is_last_ = false;     // the request itself asks for the connection to be closed
  bool watch_path_ = false;  // the connection was idle before: its path may be dead without a word

  pool::time_point arrived_at_{};
  pool::time_point granted_at_{};
  pool::time_point total_due_{};
  pool::time_point ended_at_{};
  std::optional<std::chrono::milliseconds> rest_left_;   // see `limit_rest`
  pool::time_point rest_due_ = pool::time_point::max();  // while a read runs
  std::optional<error> failure_;
  warmwire::provenance provenance_;
  pool::freshness wanted_ = pool::freshness::any;
  std::uint32_t unsent_replays_ = 0;
  std::uint32_t stale_replays_ = 0;
  std::uint32_t refused_replays_ = 0;
  http::keep_alive hint_;
  int status_ = 0;
  warmwire::headers headers_;
  std::string body_;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace warmwire::detail

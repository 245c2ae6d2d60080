// An answer that is being read: the response's body, its coding and its events. Lives on the transport's executor; kept
// alive by its chat_stream and by what runs on it.
#pragma once

#include "http/content_decoder.hpp"
#include "providers/answer_choices.hpp"
#include "providers/chat_stream.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/response_stream.hpp>
#include <warmwire/stream_event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::detail {

class open_chat : public std::enable_shared_from_this<open_chat> {
 public:
  /// `body` is a success; `begin` comes before all else.
  open_chat(boost::asio::any_io_executor executor, std::shared_ptr<const providers::provider_config> config,
            response_stream body, providers::answer_choices asked);

  /// Keeps what comes, decoded, for `provider_answer::raw_body`: up to `most` bytes, then `response_too_large`.
  void keep_raw_body(std::size_t most) { most_raw_bytes_ = most; }
  /// Reads until the first event is there, which stays for `next`.
  boost::asio::awaitable<result<void>> begin();
  boost::asio::awaitable<result<std::optional<stream_event>>> next();
  /// The next event and those that came with it; none after the last.
  boost::asio::awaitable<result<std::vector<stream_event>>> next_events();
  /// Nobody listens any more. What runs is cancelled.
  void abandon() { body_ = {}; }
  /// What a read ended with ends every later one, too: of an exception nobody knows what was lost by it.
  void stop(const error& why) noexcept;

  /// The answer is complete, and all of it was given out.
  [[nodiscard]] bool is_over() const noexcept { return !first_ && events_.is_finished(); }
  [[nodiscard]] chat_reply reply() const;
  void set_failed_attempts(std::vector<failed_attempt> attempts);
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

 private:
  boost::asio::awaitable<result<std::optional<stream_event>>> read_next();
  result<std::optional<stream_event>> next_at_hand();
  boost::asio::awaitable<void> read_more();
  boost::asio::awaitable<void> parse_whole();
  void take(std::string_view piece);
  void limit_rest();
  [[nodiscard]] error with_what_came(error reason) const;
  void note_provenance();

  const boost::asio::any_io_executor executor_;
  response_stream body_;  // not valid once nothing more is read
  http::content_decoder coding_;
  std::size_t worked_ = 0;  // bytes that were taken since others had their turn
  const providers::json_limits limits_;
  providers::chat_stream events_;
  std::optional<stream_event> first_;
  provenance measured_;
  std::optional<error> stopped_;
  bool is_ending_ = false;  // the rest of the body was given its limit, and nothing has come of it since
  std::optional<std::size_t> most_raw_bytes_;
  std::string raw_body_;
};

}  // namespace warmwire::detail

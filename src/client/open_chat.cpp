#include "client/open_chat.hpp"

#include "client/slices.hpp"

#include <warmwire/chat_stream.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <utility>
#include <variant>

namespace warmwire::detail {

namespace asio = boost::asio;

namespace {

response head_of(const response_stream& from) {
  return {.status = from.status(), .headers = from.headers(), .body = {}, .provenance = from.provenance()};
}

}  // namespace

open_chat::open_chat(asio::any_io_executor executor, std::shared_ptr<const providers::provider_config> config,
                     response_stream body, providers::answer_choices asked)
    : executor_(std::move(executor)),
      body_(std::move(body)),
      coding_(body_.headers()),
      limits_(config->answer_limits),
      events_(std::move(config), head_of(body_), asked),
      measured_(body_.provenance()) {}

/// Runs within its call, whose cancellation must stay known to it.
asio::awaitable<result<void>> open_chat::begin() {
  auto first = co_await read_next();
  if (!first) co_return std::move(first).error();
  first_ = std::move(*first);
  co_return result<void>();
}

asio::awaitable<result<std::optional<stream_event>>> open_chat::next() {
  const auto self = shared_from_this();
  if (stopped_) co_return *stopped_;
  co_return co_await read_next();
}

void open_chat::stop(const error& why) noexcept {
  abandon();
  try {
    if (!stopped_) stopped_ = why;
  } catch (...) {
    stopped_.emplace(error{.code = why.code});
  }
}

asio::awaitable<result<std::optional<stream_event>>> open_chat::read_next() {
  while (true) {
    auto event = next_at_hand();
    if (!event || *event || events_.is_finished()) co_return event;
    co_await read_more();
  }
}

asio::awaitable<result<std::vector<stream_event>>> open_chat::next_events() {
  std::vector<stream_event> out;
  auto event = co_await next();
  if (!event) co_return std::move(event).error();
  while (*event) {
    out.push_back(std::move(**event));
    event = next_at_hand();
    if (!event) break;  // it comes again, after these
  }
  co_return out;
}

/// The next event that needs no reading. What has failed or is complete lets go of its connection.
result<std::optional<stream_event>> open_chat::next_at_hand() {
  if (first_) return std::exchange(first_, std::nullopt);
  auto event = events_.next();
  if (event && *event && !std::holds_alternative<ping>(**event)) is_ending_ = false;
  if (body_.valid() && (!event || events_.is_finished())) {
    note_provenance();
    event ? body_.drain() : abandon();
  }
  if (!event) return with_what_came(std::move(event).error());
  return event;
}

asio::awaitable<void> open_chat::read_more() {
  const auto piece = coding_.next();
  if (!piece) {
    events_.fail(piece.error());
    co_return;
  }
  if (!piece->empty()) {
    take(*piece);
    worked_ += piece->size();
    if (worked_ >= slice_bytes) {
      worked_ = 0;
      co_await let_others_run();
    }
    co_return;
  }
  if (!body_.valid()) {  // given up
    events_.fail({.code = errc::cancelled, .phase = phase::body, .message = "the stream was given up"});
    co_return;
  }
  limit_rest();
  auto bytes = co_await body_.async_read(asio::use_awaitable);
  note_provenance();
  if (!bytes) {
    events_.fail(std::move(bytes).error());
  } else if (bytes->empty()) {
    events_.end();
    co_await parse_whole();
  } else {
    coding_.feed(std::move(*bytes));
  }
}

/// A long answer that came in one piece instead of events.
asio::awaitable<void> open_chat::parse_whole() {
  const auto text = events_.whole_text();
  if (text.size() <= slice_bytes) co_return;
  auto parsed = co_await parse_in_slices(text, limits_);
  events_.take_parsed(std::move(parsed));
}

void open_chat::take(std::string_view piece) {
  if (most_raw_bytes_) {
    if (piece.size() > *most_raw_bytes_ - raw_body_.size()) {
      events_.fail({.code = errc::response_too_large,
                    .phase = phase::body,
                    .message = "the stream is longer than max_response_body_bytes, and all of it was to be kept"});
      return;
    }
    raw_body_.append(piece);
  }
  events_.feed(piece);
}

/// A complete answer needs nothing more, but its usage may still come. What comes may also begin something new.
void open_chat::limit_rest() {
  const bool is_complete = events_.is_complete();
  if (is_complete && is_ending_) return;
  body_.limit_rest(is_complete ? std::optional(end_of_stream_grace) : std::nullopt);
  is_ending_ = is_complete;
}

chat_reply open_chat::reply() const {
  auto out = events_.reply();
  if (most_raw_bytes_) out.raw_body = raw_body_;
  return out;
}

/// With the tries before this one, and with the bytes where they are kept.
error open_chat::with_what_came(error reason) const {
  reason.failed_attempts = measured_.failed_attempts;
  if (!most_raw_bytes_) return reason;
  if (reason.partial) reason.partial = std::make_shared<const chat_reply>(reply());
  if (reason.answer) {
    auto answer = *reason.answer;
    answer.raw_body = raw_body_;
    reason.answer = std::make_shared<const provider_answer>(std::move(answer));
  }
  return reason;
}

void open_chat::set_failed_attempts(std::vector<failed_attempt> attempts) {
  measured_.failed_attempts = std::move(attempts);
  events_.set_provenance(measured_);
}

void open_chat::note_provenance() {
  if (!body_.valid()) return;
  auto attempts = std::move(measured_.failed_attempts);
  measured_ = body_.provenance();
  measured_.failed_attempts = std::move(attempts);
  events_.set_provenance(measured_);
}

}  // namespace warmwire::detail

#include "providers/chat_stream.hpp"

#include "http/ascii.hpp"
#include "providers/calls.hpp"
#include "providers/extra_fields.hpp"
#include "providers/json_extent.hpp"
#include "providers/provider_error.hpp"
#include "text/printable.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::size_t max_event_id_bytes = 100;
constexpr std::size_t max_request_id_bytes = 100;

std::string_view type_of(const provider_answer& answer) {
  return http::trim(answer.headers.get("content-type"));
}

// Some proxies put what is an event already into another.
std::string_view without_field(std::string_view data) {
  constexpr std::string_view field = "data:";
  while (data.starts_with(field)) {
    data.remove_prefix(field.size());
    data = http::trim(data);
  }
  return data;
}

// Each is read in the same turn of the event loop. Long answers have some thousands.
constexpr std::size_t max_lines_of_event = 20'000;

error too_many_lines() {
  return {.code = errc::response_too_large,
          .phase = phase::body,
          .message = "an event of the stream has more than " + std::to_string(max_lines_of_event) + " lines"};
}

}  // namespace

chat_stream::api_stream chat_stream::stream_of(wire_api api, answer_choices asked) {
  switch (api) {
    case wire_api::chat_completions:
      break;
    case wire_api::responses:
      return responses_stream();
    case wire_api::anthropic:
      return anthropic_stream();
    case wire_api::gemini:
      return gemini_stream(asked);
  }
  return openai_chat_stream(asked);
}

chat_stream::chat_stream(std::shared_ptr<const provider_config> config, response head, answer_choices asked)
    : config_(std::move(config)),
      head_(answer_of(std::move(head))),
      asked_(asked),
      api_(stream_of(config_->api, asked)),
      pieces_(delivery::streamed, max_reply_bytes, config_->dice) {}

void chat_stream::feed(std::string_view bytes) {
  if (is_over_ || bytes.empty()) return;
  body_bytes_ += bytes.size();
  if (kind_ != body_kind::unknown) return take(bytes);
  if (bytes.size() > max_reply_bytes - beginning_.size()) return stop_with(too_large(*config_, head_));
  beginning_.append(bytes);
  blanks_ += blank_length(std::string_view(beginning_).substr(blanks_));
  kind_ = kind_of(type_of(head_), std::string_view(beginning_).substr(blanks_));
  if (kind_ != body_kind::unknown) take(std::exchange(beginning_, {}));
}

void chat_stream::take(std::string_view bytes) {
  if (kind_ == body_kind::events) {
    parser_.feed(bytes);
    needs_bytes_ = false;
  } else if (const auto most = config_->answer_limits.max_bytes; bytes.size() > most - std::min(whole_.size(), most)) {
    stop_with(too_large_to_read(*config_, head_));
  } else {
    whole_.append(bytes);
  }
}

void chat_stream::end() {
  has_ended_ = true;
}

void chat_stream::fail(error reason) {
  has_ended_ = true;
  broken_ = std::move(reason);
}

result<std::optional<stream_event>> chat_stream::next() {
  while (true) {
    if (auto event = pieces_.next_event()) return event;
    if (failure_) return *failure_;
    if (is_over_) return std::optional<stream_event>();
    if (!needs_bytes_) {
      read_event();
    } else if (has_ended_ && !is_at_rest_) {
      read_rest();
    } else if (has_ended_) {
      conclude();
    } else {
      return std::optional<stream_event>();
    }
  }
}

// What has come when nothing more comes.
void chat_stream::read_rest() {
  is_at_rest_ = true;
  if (kind_ == body_kind::unknown) {
    kind_ = kind_of_short(type_of(head_));
    take(std::exchange(beginning_, {}));
  }
  parser_.end();
  needs_bytes_ = kind_ != body_kind::events;
}

void chat_stream::read_event() {
  const auto got = parser_.next();
  // Block by block, as they come when the stream comes in pieces.
  const auto others = parser_.take_other_lines();
  for (std::string_view rest = others; !rest.empty();) {
    const auto end = std::min(rest.find("\n\n"), rest.size());
    on_other_lines(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  if (is_over_) return;
  if (!got) {
    auto reason = got.error();
    reason.http_status = head_.http_status;
    stop_with(std::move(reason));
  } else if (!*got) {
    needs_bytes_ = true;
  } else {
    if ((*got)->id != last_event_id_) last_event_id_ = (*got)->id;
    on_event((*got)->name, without_field((*got)->data));
  }
}

// Some servers put an error into the stream as it is, or as a field "error".
void chat_stream::on_other_lines(std::string_view lines) {
  lines = http::trim(lines);
  if (lines.empty() || is_over_) return;
  if (auto words = find_error_words(lines)) return obey(stream_step::failed(std::move(*words)));
  constexpr std::string_view field = "error:";
  if (lines.starts_with(field)) {
    obey(stream_step::failed({.message = std::string(http::trim(lines.substr(field.size())))}));
  } else {
    obey(stream_step::ignored(lines));
  }
}

// Where a server leaves out the blank lines, its events are lines of one.
void chat_stream::on_event(std::string_view name, std::string_view data) {
  for (std::size_t lines = 1; !is_over_; ++lines) {
    if (lines > max_lines_of_event) return stop_with(too_many_lines());
    const auto line = data.substr(0, data.find('\n'));
    const bool is_of_many = line.size() < data.size() && is_closed_json(line);
    const auto all = is_of_many ? line : data;
    auto step = std::visit([&](auto& api) { return api.on_event(name, all, pieces_); }, api_);
    // One that was cut says nothing; what it lacks does.
    if (is_at_rest_ && step.what == stream_step::kind::nonsense) step.what = stream_step::kind::go_on;
    obey(std::move(step));
    if (!is_of_many) return;
    data = without_field(data.substr(line.size() + 1));
  }
}

void chat_stream::obey(stream_step step) {
  if (pieces_.is_over_limit()) return stop_with(too_large(*config_, head_));
  switch (step.what) {
    case stream_step::kind::go_on:
      if (!step.unread.empty()) unread_ = std::move(step.unread);
      break;
    case stream_step::kind::ended:
      conclude();
      break;
    case stream_step::kind::failed:
      stop_with(error_in_success(*config_, head_, std::move(step.words)));
      break;
    case stream_step::kind::nonsense:
      if (!step.unread.empty()) step.problem.append(": ").append(quoted(*config_, step.unread));
      stop_with(error{.code = step.code, .phase = phase::body, .message = std::move(step.problem)});
      break;
  }
}

bool chat_stream::is_complete() const {
  return std::visit([](const auto& api) { return api.is_complete(); }, api_);
}

void chat_stream::conclude() {
  if (kind_ == body_kind::whole) return conclude_whole();
  if (is_complete()) {
    pieces_.complete();
    is_over_ = true;
  } else if (broken_) {
    add_what_came_before(*broken_);
    stop_with(std::move(*broken_));
  } else {
    stop_with(early_end());
  }
}

error chat_stream::early_end() const {
  error out{.code = errc::stream_interrupted, .phase = phase::body};
  if (body_bytes_ > 0) {
    out.message = "the stream ended without the event that says that the answer is complete";
    if (!unread_.empty()) add_unread(out);
    return out;
  }
  // No content was promised, so none was lost.
  if (head_.http_status == 204) out.code = errc::unexpected_body;
  out.message = "the answer to the request for a stream is empty, with status " + std::to_string(head_.http_status);
  return out;
}

// The beginning of an event that was never ended, where there is anything in it to be shown.
void chat_stream::add_what_came_before(error& broken) const {
  const auto shown = quoted(*config_, unread_);
  if (shown != "\"\"") broken.message.append("; before that came ").append(shown);
}

// What was not understood may say why.
void chat_stream::add_unread(error& to) const {
  auto words = find_error_words(std::string_view(unread_)).value_or(error_words{.message = unread_});
  auto said = error_in_success(*config_, head_, std::move(words));
  if (said.code == errc::unexpected_body) said.code = to.code;
  said.message = to.message + "; it said \"" + said.message + '"';
  to = std::move(said);
}

void chat_stream::conclude_whole() {
  if (broken_) return stop_with(std::move(*broken_));
  response answer;
  answer.status = head_.http_status;
  answer.headers = head_.headers;
  answer.body = std::move(whole_);
  answer.provenance = head_.provenance;
  if (auto failure = read_chat(*config_, answer, asked_, pieces_, parsed_.get())) return stop_with(std::move(*failure));
  head_.raw_body = std::move(answer.body);
  pieces_.complete();
  is_over_ = true;
}

void chat_stream::stop_with(error reason) {
  is_over_ = true;
  reason.http_status = head_.http_status;
  reason.body_bytes = body_bytes_;
  reason.last_event_id = text::printable(last_event_id_, max_event_id_bytes);
  reason = config_->redact(std::move(reason));
  if (reason.request_id.empty()) reason.request_id = config_->redact.shown(head_.request_id, max_request_id_bytes);
  if (!reason.answer) reason.answer = std::make_shared<const provider_answer>(head_);
  reason.partial = std::make_shared<const chat_reply>(reply());
  failure_ = std::move(reason);
}

chat_reply chat_stream::reply() const {
  auto out = pieces_.reply();
  static_cast<provider_answer&>(out) = head_;
  out.message.maker = maker_of(*config_);
  return out;
}

}  // namespace warmwire::providers

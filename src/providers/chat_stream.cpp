#include "providers/chat_stream.hpp"

#include "http/ascii.hpp"
#include "providers/calls.hpp"
#include "providers/provider_error.hpp"
#include "text/printable.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::size_t max_event_id_bytes = 100;
constexpr std::size_t max_request_id_bytes = 100;

std::string_view type_of(const provider_answer& answer) {
  return http::trim(answer.headers.get("content-type"));
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

}  // namespace

chat_stream::api_stream chat_stream::stream_of(wire_api api) {
  switch (api) {
    case wire_api::chat_completions:
      break;
    case wire_api::responses:
      return responses_stream();
    case wire_api::anthropic:
      return anthropic_stream();
    case wire_api::gemini:
      return gemini_stream();
  }
  return openai_chat_stream();
}

chat_stream::chat_stream(std::shared_ptr<const provider_config> config, response head)
    : config_(std::move(config)),
      head_(answer_of(std::move(head))),
      kind_(kind_of(type_of(head_))),
      api_(stream_of(config_->api)),
      pieces_(delivery::streamed) {}

void chat_stream::feed(std::string_view bytes) {
  if (is_over_ || bytes.empty()) return;
  body_bytes_ += bytes.size();
  if (kind_ != body_kind::unknown) return take(bytes);
  beginning_.append(beginning_.empty() ? without_blanks(bytes) : bytes);
  kind_ = kind_of(type_of(head_), beginning_);
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
    } else if (has_ended_) {
      conclude();
    } else {
      return std::optional<stream_event>();
    }
  }
}

void chat_stream::read_event() {
  const auto got = parser_.next();
  if (!got) {
    auto reason = got.error();
    reason.http_status = head_.http_status;
    stop_with(std::move(reason));
  } else if (!*got) {
    needs_bytes_ = true;
  } else {
    if ((*got)->id != last_event_id_) last_event_id_ = (*got)->id;
    obey(std::visit([&](auto& api) { return api.on_event((*got)->name, (*got)->data, pieces_); }, api_));
  }
}

void chat_stream::obey(stream_step step) {
  if (pieces_.is_over_limit()) return stop_with(too_large(*config_, head_));
  switch (step.what) {
    case stream_step::kind::go_on:
      break;
    case stream_step::kind::ended:
      conclude();
      break;
    case stream_step::kind::failed:
      stop_with(error_in_success(*config_, head_, std::move(step.words)));
      break;
    case stream_step::kind::nonsense:
      stop_with(error{.code = step.code, .phase = phase::body, .message = std::move(step.problem)});
      break;
  }
}

bool chat_stream::is_complete() const {
  return std::visit([](const auto& api) { return api.is_complete(); }, api_);
}

void chat_stream::conclude() {
  if (kind_ == body_kind::unknown) {
    kind_ = kind_of_whole(type_of(head_));
    whole_ = std::exchange(beginning_, {});
  }
  if (kind_ == body_kind::whole) return conclude_whole();
  if (is_complete()) {
    pieces_.complete();
    is_over_ = true;
  } else if (broken_) {
    stop_with(std::move(*broken_));
  } else {
    stop_with(error{.code = errc::stream_interrupted,
                    .phase = phase::body,
                    .message = "the stream ended without the event that says that the answer is complete"});
  }
}

void chat_stream::conclude_whole() {
  if (broken_) return stop_with(std::move(*broken_));
  response answer;
  answer.status = head_.http_status;
  answer.headers = head_.headers;
  answer.body = std::move(whole_);
  answer.provenance = head_.provenance;
  if (auto failure = read_chat(*config_, answer, pieces_, parsed_.get())) return stop_with(std::move(*failure));
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
  return out;
}

}  // namespace warmwire::providers

// Chats and the counting of their tokens, see calls.hpp.
#include "providers/answer_body.hpp"
#include "providers/anthropic.hpp"
#include "providers/anthropic_thinking.hpp"
#include "providers/body_kind.hpp"
#include "providers/calls.hpp"
#include "providers/chat_check.hpp"
#include "providers/chat_stream.hpp"
#include "providers/extra_fields.hpp"
#include "providers/gemini.hpp"
#include "providers/json_document.hpp"
#include "providers/model_check.hpp"
#include "providers/openai_chat.hpp"
#include "providers/openai_responses.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

std::string path_of(wire_api api, std::string_view model, delivery how) {
  switch (api) {
    case wire_api::chat_completions:
      return "/chat/completions";
    case wire_api::responses:
      return "/responses";
    case wire_api::anthropic:
      return "/v1/messages";
    case wire_api::gemini:
      return gemini_path(model, how == delivery::whole ? "generateContent" : "streamGenerateContent?alt=sse");
  }
  return {};
}

std::string body_of(const provider_config& config, std::string_view model, const chat_request& chat, delivery how) {
  json_writer out;
  out.begin_object();
  if (config.api != wire_api::gemini) out.field("model", model);
  switch (config.api) {
    case wire_api::chat_completions:
      write_openai_chat(out, config, chat, how);
      break;
    case wire_api::responses:
      write_responses(out, config, chat, how);
      break;
    case wire_api::anthropic:
      write_anthropic(out, config, model, chat, how);
      break;
    case wire_api::gemini:
      write_gemini(out, config, model, chat);
      break;
  }
  return out.end_object().take();
}

// Of Anthropic's or Gemini's, which alone count.
result<std::string> count_body_of(const provider_config& config, std::string_view model, const chat_request& chat) {
  if (config.api == wire_api::gemini) return gemini_count_body(config, model, chat);
  json_writer out;
  out.begin_object().field("model", model);
  write_anthropic_count(out, config, model, chat);
  return with_extra(out.end_object().take(), chat.extra_json);
}

std::string read(wire_api api, const boost::json::object& body, answer_choices asked, reply_builder& to) {
  switch (api) {
    case wire_api::chat_completions:
      return read_openai_chat(body, asked, to);
    case wire_api::responses:
      return read_responses(body, to);
    case wire_api::anthropic:
      return read_anthropic(body, to);
    case wire_api::gemini:
      return read_gemini(body, asked, to);
  }
  return {};
}

result<void> check(const provider_config& config, const chat_request& chat, std::string_view model) {
  if (auto ok = check_chat(chat, config); !ok) return ok;
  if (auto ok = check_model(config, model); !ok) return ok;
  return config.api == wire_api::anthropic ? check_anthropic_thinking(chat, model) : result<void>();
}

request posted(const provider_config& config, const chat_request& chat, std::string url, std::string body) {
  request out;
  out.provider = config.provider;
  out.method = "POST";
  out.url = std::move(url);
  out.headers = config.fields;
  out.secret_headers = config.secret_headers;
  out.body = std::move(body);
  out.timeout = chat.timeout;
  out.tag = chat.tag;
  return out;
}

// What stands in the answer's own fields.
std::optional<error_words> failure_in(wire_api api, const boost::json::object& body) {
  if (api == wire_api::chat_completions) return failure_in_openai_chat(body);
  return api == wire_api::responses ? failure_in_responses(body) : std::nullopt;
}

// A stream of Gemini's whose events came as one list: a server ignored `alt=sse`.
std::optional<error> read_list(const provider_config& config, const response& answer, const boost::json::array& list,
                               answer_choices asked, reply_builder& to) {
  auto end = read_gemini_list(list, asked, to);
  if (to.is_over_limit()) return too_large(config, answer_of(response(answer)));
  if (end.what == stream_step::kind::failed) {
    return error_in_success(config, answer_of(response(answer)), std::move(end.words));
  }
  if (end.what == stream_step::kind::nonsense) {
    return unexpected_body(config, answer_of(response(answer)), std::move(end.problem));
  }
  to.settle_calls();
  return std::nullopt;
}

result<chat_reply> decode_events(const provider_config& config, response&& answer, answer_choices asked) {
  const auto body = std::exchange(answer.body, {});
  chat_stream events(std::make_shared<const provider_config>(config), std::move(answer), asked);
  events.feed(body);
  events.end();
  while (true) {
    const auto event = events.next();
    if (!event) return event.error();
    if (!*event) break;
  }
  auto reply = events.reply();
  reply.raw_body = body;
  return reply;
}

}  // namespace

result<request> encode_chat(const provider_config& config, const chat_request& chat, delivery how) {
  const auto& model = chat.model.empty() ? config.default_model : chat.model;
  if (auto ok = check(config, chat, model); !ok) return ok.error();
  if (config.api == wire_api::anthropic) {
    if (auto ok = check_anthropic_time(chat, how); !ok) return ok.error();
  }
  // Azure's Responses are below no deployment, whatever the form of its URLs.
  const auto below = config.api == wire_api::responses ? std::string_view() : model;
  auto url = url_of(config, path_of(config.api, model, how), below);
  auto body = with_extra(body_of(config, model, chat, how), chat.extra_json);
  if (!body) return body.error();
  return posted(config, chat, std::move(url), std::move(*body));
}

answer_choices choices_of(const chat_request& chat) {
  if (chat.extra_json.empty()) return answer_choices::one;
  const json_document extra(chat.extra_json);
  const auto count = std::max(count_in(extra.object(), "n"),
                              count_in(object_in(extra.object(), "generationConfig"), "candidateCount"));
  return count > 1 ? answer_choices::several : answer_choices::one;
}

std::optional<error> read_chat(const provider_config& config, const response& answer, answer_choices asked,
                               reply_builder& to, const json_document* parsed) {
  const answer_body body(config, answer, parsed);
  if (config.api == wire_api::gemini && body.list() != nullptr && is_gemini_list(*body.list())) {
    return read_list(config, answer, *body.list(), asked, to);
  }
  if (body.failure()) {
    // Half an answer may stand beside the error.
    if (body.failed_object() != nullptr) static_cast<void>(read(config.api, *body.failed_object(), asked, to));
    return body.failure();
  }
  auto problem = read(config.api, body.object(), asked, to);
  if (auto words = failure_in(config.api, body.object())) {
    return error_in_success(config, answer_of(response(answer)), std::move(*words));
  }
  if (to.is_over_limit()) return too_large(config, answer_of(response(answer)));
  if (!problem.empty()) return body.unexpected(answer, std::move(problem));
  to.settle_calls();
  return std::nullopt;
}

result<chat_reply> decode_chat(const provider_config& config, response&& answer, answer_choices asked,
                               const json_document* parsed) {
  // Whatever it is called.
  if (kind_of("application/json", answer.body) == body_kind::events && answer.status >= 200 && answer.status <= 299) {
    return decode_events(config, std::move(answer), asked);
  }
  reply_builder pieces(delivery::whole, max_reply_bytes, config.dice);
  auto failure = read_chat(config, answer, asked, pieces, parsed);
  auto reply = pieces.reply();
  reply.message.maker = maker_of(config);
  take_answer(reply, std::move(answer));
  if (!failure) return reply;
  if (pieces.part_count() > 0) failure->partial = std::make_shared<const chat_reply>(std::move(reply));
  return std::move(*failure);
}

result<request> encode_count(const provider_config& config, const chat_request& chat) {
  const auto& model = chat.model.empty() ? config.default_model : chat.model;
  if (config.api != wire_api::anthropic && config.api != wire_api::gemini) return unsupported(config, "count_tokens");
  if (auto ok = check(config, chat, model); !ok) return ok.error();
  auto body = count_body_of(config, model, chat);
  if (!body) return body.error();
  const auto path = config.api == wire_api::anthropic ? "/v1/messages/count_tokens" : gemini_path(model, "countTokens");
  return posted(config, chat, url_of(config, path, model), std::move(*body));
}

result<token_count> decode_count(const provider_config& config, response&& answer, const json_document* parsed) {
  const answer_body body(config, answer, parsed);
  if (body.failure()) return *body.failure();
  const auto* field = config.api == wire_api::anthropic ? "input_tokens" : "totalTokens";
  const auto* count = body.object().if_contains(field);
  if (count == nullptr || !count->is_number()) {
    return body.unexpected(answer, std::string(field) + " is missing or no number");
  }
  token_count out;
  out.input_tokens = count_in(&body.object(), field);
  take_answer(out, std::move(answer));
  return out;
}

}  // namespace warmwire::providers

#include "providers/openai_chat.hpp"

#include "http/utf8.hpp"
#include "providers/openai_error.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

// Answers nest seven levels deep at most; tools' schemas in them may add some.
constexpr std::size_t max_depth = 64;

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

result<void> check(const chat_request& chat) {
  const auto wrong = [](std::string message) {
    return error{.code = errc::invalid_option, .message = std::move(message)};
  };
  if (chat.messages.empty()) return wrong("messages is empty; it must hold at least one message");
  for (std::size_t i = 0; i < chat.messages.size(); ++i) {
    if (http::is_utf8(chat.messages[i].content)) continue;
    return wrong("messages[" + std::to_string(i) + "].content is not UTF-8; it must be");
  }
  if (chat.temperature && !(*chat.temperature >= 0 && *chat.temperature <= 2)) {
    return wrong("temperature is " + shortest(*chat.temperature) + "; it must lie within 0–2");
  }
  if (chat.max_tokens && *chat.max_tokens < 1) {
    return wrong("max_tokens is " + std::to_string(*chat.max_tokens) + "; it must be at least 1");
  }
  return {};
}

std::string quoted(std::string_view text) {
  return json::serialize(json::string_view(text));
}

std::string body_of(const chat_request& chat, const std::string& model) {
  std::string out = "{\"model\":" + quoted(model) + ",\"messages\":[";
  for (const auto& each : chat.messages) {
    if (out.back() != '[') out += ',';
    out += "{\"role\":" + quoted(to_string(each.role)) + ",\"content\":" + quoted(each.content) + '}';
  }
  out += ']';
  if (chat.temperature) out += ",\"temperature\":" + shortest(*chat.temperature);
  if (chat.max_tokens) out += ",\"max_completion_tokens\":" + std::to_string(*chat.max_tokens);
  return out + '}';
}

finish_reason finish_of(std::string_view text) {
  if (text == "stop") return finish_reason::stop;
  if (text == "length") return finish_reason::length;
  if (text == "content_filter") return finish_reason::content_filter;
  if (text == "tool_calls" || text == "function_call") return finish_reason::tool_calls;
  return finish_reason::other;
}

const json::object* object_in(const json::object& from, const char* field) {
  const auto* value = from.if_contains(field);
  return value == nullptr ? nullptr : value->if_object();
}

// Some servers write counts as 12.0; what is no number counts as nothing.
std::int64_t count_in(const json::object* from, const char* field) {
  const auto* value = from == nullptr ? nullptr : from->if_contains(field);
  if (value == nullptr || !value->is_number()) return 0;
  json::error_code not_whole;
  const auto count = value->to_number<std::int64_t>(not_whole);
  return not_whole ? 0 : count;
}

usage usage_in(const json::object& body) {
  const auto* from = object_in(body, "usage");
  if (from == nullptr) return {};
  return {.input_tokens = count_in(from, "prompt_tokens"),
          .output_tokens = count_in(from, "completion_tokens"),
          .total_tokens = count_in(from, "total_tokens"),
          .cached_tokens = count_in(object_in(*from, "prompt_tokens_details"), "cached_tokens"),
          .reasoning_tokens = count_in(object_in(*from, "completion_tokens_details"), "reasoning_tokens")};
}

// The parts of an answer that must be there; `problem` says what is wrong when one is not.
struct first_choice {
  const json::object* choice = nullptr;
  const json::object* message = nullptr;
  std::string problem;
};

first_choice find_choice(const json::object& body) {
  first_choice out;
  const auto* choices = body.if_contains("choices");
  if (choices == nullptr || !choices->is_array()) {
    out.problem = "choices is missing or no array";
  } else if (choices->get_array().empty()) {
    out.problem = "choices is empty";
  } else if (out.choice = choices->get_array().front().if_object(); out.choice == nullptr) {
    out.problem = "choices[0] is no object";
  } else if (out.message = object_in(*out.choice, "message"); out.message == nullptr) {
    out.problem = "choices[0].message is missing or no object";
  } else if (const auto* content = out.message->if_contains("content");
             content != nullptr && !content->is_string() && !content->is_null()) {
    out.problem = "choices[0].message.content is neither a string nor null";
  } else if (content == nullptr && !out.message->contains("tool_calls") && !out.message->contains("refusal")) {
    out.problem = "choices[0].message.content is missing";
  }
  return out;
}

}  // namespace

result<request> encode_chat(const openai_config& config, const chat_request& chat) {
  if (auto ok = check(chat); !ok) return ok.error();
  const auto& model = chat.model.empty() ? config.default_model : chat.model;
  if (model.empty() || !http::is_utf8(model)) {
    return error{.code = errc::invalid_option,
                 .message = "model is empty or not UTF-8; it must name a model, here or in default_model"};
  }
  request out;
  out.provider = config.provider;
  out.method = "POST";
  out.url = config.chat_url;
  out.headers = config.fields;
  out.body = body_of(chat, model);
  out.timeout = chat.timeout;
  out.tag = chat.tag;
  return out;
}

result<chat_reply> decode_chat(const openai_config& config, response&& answer) {
  if (answer.status < 200 || answer.status > 299) return decode_error(config, answer);

  std::array<unsigned char, 4096> buffer{};
  json::monotonic_resource memory(buffer.data(), buffer.size());
  json::error_code problem;
  json::parse_options limits;
  limits.max_depth = max_depth;
  const auto parsed = json::parse(answer.body, problem, &memory, limits);
  if (problem) return unexpected_body(config, answer, "the body is not JSON (" + problem.message() + ")");
  const auto* body = parsed.if_object();
  if (body == nullptr) return unexpected_body(config, answer, "the body is no JSON object");
  // Routers report an upstream's failure inside of a success.
  if (const auto* inner = body->if_contains("error"); inner != nullptr && !inner->is_null()) {
    return decode_error_in_success(config, answer, *body);
  }
  const auto found = find_choice(*body);
  if (!found.problem.empty()) return unexpected_body(config, answer, found.problem);

  chat_reply reply;
  reply.content = text_of(*found.message, "content");
  reply.refusal = text_of(*found.message, "refusal");
  reply.finish_text = text_of(*found.choice, "finish_reason");
  reply.finish = finish_of(reply.finish_text);
  reply.usage = usage_in(*body);
  reply.id = text_of(*body, "id");
  reply.model = text_of(*body, "model");
  reply.request_id = answer.headers.get("x-request-id");
  reply.http_status = answer.status;
  reply.headers = std::move(answer.headers);
  reply.raw_body = std::move(answer.body);
  reply.provenance = std::move(answer.provenance);
  return reply;
}

}  // namespace warmwire::providers

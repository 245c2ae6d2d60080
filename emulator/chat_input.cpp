// A chat completion request, checked the way OpenAI checks it.
#include "emulator/chat_input.hpp"

#include "emulator/chat_fields.hpp"
#include "emulator/tokens.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::emulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> roles{"developer", "system", "user", "assistant", "tool", "function"};
constexpr std::array<std::string_view, 5> part_types{"text", "image_url", "input_audio", "file", "refusal"};
constexpr std::uint64_t tokens_per_message = 3;
constexpr std::uint64_t tokens_per_reply = 3;
constexpr std::uint64_t tokens_per_attachment = 85;

// Thrown and caught in this file: what is wrong is found deep inside the message list.
struct rejection {
  openai_error error;
};

[[noreturn]] void reject(openai_error error) {
  throw rejection{std::move(error)};
}

[[noreturn]] void reject_missing(std::string name) {
  std::string message = "Missing required parameter: '" + name + "'.";
  reject({.message = std::move(message), .param = std::move(name), .code = "missing_required_parameter"});
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

template <std::size_t Count>
std::string_view require_word(const json::object& holder, const std::string& place,
                              const std::array<std::string_view, Count>& allowed) {
  const auto name = place.substr(place.rfind('.') + 1);
  const json::value* value = holder.if_contains(name);
  if (value == nullptr) reject_missing(place);
  if (!value->is_string()) reject(wrong_type(place, "a string", *value));
  const auto found = std::find(allowed.begin(), allowed.end(), view(value->get_string()));
  if (found != allowed.end()) return *found;
  std::string message = "Invalid value: '" + std::string(view(value->get_string())) + "'. Supported values:";
  for (const auto word : allowed)
    message.append(" '").append(word).append("'");
  reject({.message = std::move(message), .param = place, .code = "invalid_value"});
}

// The text of a message, and what its other parts cost.
struct content {
  std::string text;
  std::uint64_t attachments = 0;
};

void read_part(const json::value& part, const std::string& place, content& into) {
  if (!part.is_object()) reject(wrong_type(place, "an object", part));
  const json::object& fields = part.get_object();
  const std::string_view type = require_word(fields, place + ".type", part_types);
  if (type != "text") {
    ++into.attachments;
    return;
  }
  const json::value* text = fields.if_contains("text");
  if (text == nullptr) reject_missing(place + ".text");
  if (!text->is_string()) reject(wrong_type(place + ".text", "a string", *text));
  into.text += view(text->get_string());
}

content read_content(const json::object& message, const std::string& place, std::string_view role) {
  content read;
  const json::value* value = message.if_contains("content");
  const bool may_lack = role == "assistant" && (message.contains("tool_calls") || message.contains("function_call"));
  if (value == nullptr || value->is_null()) {
    if (may_lack) return read;
    if (value == nullptr) reject_missing(place);
  }
  if (value->is_string()) {
    read.text = view(value->get_string());
  } else if (value->is_array()) {
    std::size_t index = 0;
    for (const json::value& part : value->get_array()) {
      read_part(part, place + "[" + std::to_string(index++) + "]", read);
    }
  } else {
    reject(wrong_type(place, "a string or an array of parts", *value));
  }
  return read;
}

void read_messages(const json::object& chat, chat_input& into) {
  const json::value* messages = chat.if_contains("messages");
  if (messages == nullptr) reject_missing("messages");
  if (!messages->is_array()) reject(wrong_type("messages", "an array of objects", *messages));
  if (messages->get_array().empty()) {
    reject({.message = "Invalid 'messages': an empty array. At least one message is needed.",
            .param = "messages",
            .code = "empty_array"});
  }
  into.prompt_tokens = tokens_per_reply;
  bool has_user = false;
  std::size_t index = 0;
  for (const json::value& message : messages->get_array()) {
    const std::string place = "messages[" + std::to_string(index++) + "]";
    if (!message.is_object()) reject(wrong_type(place, "an object", message));
    const std::string_view role = require_word(message.get_object(), place + ".role", roles);
    if (role == "tool" && !message.get_object().contains("tool_call_id")) reject_missing(place + ".tool_call_id");
    content read = read_content(message.get_object(), place + ".content", role);
    into.prompt_tokens += tokens_per_message + count_tokens(read.text) + tokens_per_attachment * read.attachments;
    if (role == "user" || !has_user) into.last_user_text = std::move(read.text);
    has_user = has_user || role == "user";
  }
}

void read_stop(const json::object& chat, chat_input& into) {
  const json::value* stop = chat.if_contains("stop");
  if (stop == nullptr || stop->is_null()) return;
  if (stop->is_string()) {
    into.stop.emplace_back(view(stop->get_string()));
    return;
  }
  if (!stop->is_array()) reject(wrong_type("stop", "a string or an array of strings", *stop));
  if (stop->get_array().size() > 4) {
    reject({.message = "Invalid 'stop': more than 4 sequences.", .param = "stop", .code = "array_above_max_length"});
  }
  for (const json::value& sequence : stop->get_array()) {
    if (!sequence.is_string()) reject(wrong_type("stop", "a string or an array of strings", sequence));
    into.stop.emplace_back(view(sequence.get_string()));
  }
}

std::optional<std::uint64_t> read_count(const json::object& chat, std::string_view name) {
  const json::value* value = chat.if_contains({name.data(), name.size()});
  if (value == nullptr || value->is_null()) return std::nullopt;
  return value->to_number<std::uint64_t>();
}

chat_input read_object(const json::object& chat) {
  chat_input input;
  const json::value* model = chat.if_contains("model");
  if (model == nullptr) reject_missing("model");
  if (auto wrong = check_chat_fields(chat)) reject(std::move(*wrong));
  input.model = view(model->get_string());
  read_messages(chat, input);
  read_stop(chat, input);
  input.choices = read_count(chat, "n").value_or(1);
  input.max_tokens = read_count(chat, "max_completion_tokens");
  if (!input.max_tokens) input.max_tokens = read_count(chat, "max_tokens");
  const json::value* stream = chat.if_contains("stream");
  if (stream != nullptr && stream->is_bool() && stream->get_bool()) {
    reject({.message = "This emulator does not stream yet; send the request without 'stream'.",
            .param = "stream",
            .code = "unsupported_value"});
  }
  return input;
}

}  // namespace

std::variant<chat_input, openai_error> read_chat(std::string_view body) {
  json::error_code failure;
  const json::value parsed = json::parse({body.data(), body.size()}, failure);
  if (failure || !parsed.is_object()) {
    return openai_error{.message = "The body of the request is not a JSON object" +
                                   (failure ? ": " + failure.message() : std::string()) + "."};
  }
  try {
    return read_object(parsed.get_object());
  } catch (rejection& rejected) {
    return std::move(rejected.error);
  }
}

}  // namespace warmwire::emulator

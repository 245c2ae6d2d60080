// The messages of a chat completion request.
#include "emulator/api/openai_messages.hpp"

#include "emulator/api/openai_reading.hpp"
#include "emulator/api/tokens.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::emulator {
namespace {

// The text of a message, and how many parts of another kind it has.
struct content {
  std::string text;
  std::uint64_t attachments = 0;
};

class openai_message_reader {
 public:
  explicit openai_message_reader(dialogue& into) : into_(into) {}

  void read(const json::object& message, const std::string& place);
  void finish() const;

 private:
  void read_part(const json::value& part, const std::string& place, content& into) const;
  [[nodiscard]] content read_content(const json::object& message, const std::string& place,
                                     std::string_view role) const;
  void read_calls(const json::object& message, const std::string& place);
  void read_result(const json::object& message, const std::string& place, const content& read);

  struct open_call {
    std::string id;
    std::string name;
  };

  dialogue& into_;
  bool has_user_ = false;
  std::vector<open_call> open_calls_;
};

void openai_message_reader::read(const json::object& message, const std::string& place) {
  const std::string_view role = require_word(
      message, place + ".role", {"developer", "system", "user", "assistant", "tool", "function"}, into_.notes);
  if (role == "tool") require_text(message, place + ".tool_call_id");
  content read = read_content(message, place + ".content", role);
  into_.count_message(read.text, read.attachments);
  if (role == "tool") {
    read_result(message, place, read);
    return;
  }
  finish();
  into_.results.clear();
  if (role == "assistant") read_calls(message, place);
  if (role == "user" || !has_user_) into_.last_user_text = std::move(read.text);
  has_user_ = has_user_ || role == "user";
}

void openai_message_reader::finish() const {
  if (open_calls_.empty()) return;
  std::string message = "An assistant message with 'tool_calls' must be followed by a tool message for each of them.";
  message.append(" Not answered:");
  for (const open_call& each : open_calls_)
    message.append(" ").append(each.id);
  reject({.message = message.append("."), .param = "messages"});
}

void openai_message_reader::read_part(const json::value& part, const std::string& place, content& into) const {
  if (!part.is_object()) reject_type(place, "an object", part);
  const json::object& fields = part.get_object();
  const std::string_view type =
      require_word(fields, place + ".type", {"text", "image_url", "input_audio", "file", "refusal"}, into_.notes);
  if (type == "text") {
    into.text += require_text(fields, place + ".text");
  } else {
    ++into.attachments;
  }
}

content openai_message_reader::read_content(const json::object& message, const std::string& place,
                                            std::string_view role) const {
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
    for (const json::value& part : value->get_array())
      read_part(part, place + "[" + std::to_string(index++) + "]", read);
  } else {
    reject_type(place, "a string or an array of parts", *value);
  }
  return read;
}

void openai_message_reader::read_calls(const json::object& message, const std::string& place) {
  const json::value* calls = find(message, "tool_calls");
  if (calls == nullptr) return;
  if (!calls->is_array()) reject_type(place + ".tool_calls", "an array of objects", *calls);
  std::size_t index = 0;
  for (const json::value& each : calls->get_array()) {
    const std::string where = place + ".tool_calls[" + std::to_string(index++) + "]";
    if (!each.is_object()) reject_type(where, "an object", each);
    const std::string_view id = require_text(each.get_object(), where + ".id");
    const auto* function = find_object(each.get_object(), "function");
    if (function == nullptr) reject_missing(where + ".function");
    const std::string_view name = require_text(*function, where + ".function.name");
    into_.prompt_tokens += count_tokens(name) + count_tokens(require_text(*function, where + ".function.arguments"));
    open_calls_.push_back({std::string(id), std::string(name)});
  }
}

void openai_message_reader::read_result(const json::object& message, const std::string& place, const content& read) {
  const std::string_view id = find_text(message, "tool_call_id");
  const auto call =
      std::find_if(open_calls_.begin(), open_calls_.end(), [id](const auto& each) { return each.id == id; });
  if (call == open_calls_.end()) {
    reject({.message = "A message with role 'tool' must answer one of the 'tool_calls' before it.",
            .param = place + ".role"});
  }
  into_.results.push_back({call->name, read.text});
  open_calls_.erase(call);
}

}  // namespace

void read_chat_messages(const json::object& chat, dialogue& into) {
  const json::value* messages = chat.if_contains("messages");
  if (messages == nullptr) reject_missing("messages");
  if (!messages->is_array()) reject_type("messages", "an array of objects", *messages);
  if (messages->get_array().empty()) {
    reject({.message = "Invalid 'messages': an empty array. At least one message is needed.",
            .param = "messages",
            .code = "empty_array"});
  }
  into.prompt_tokens = tokens_per_reply;
  openai_message_reader reader(into);
  std::uint64_t before_last = 0;
  std::size_t index = 0;
  for (const json::value& message : messages->get_array()) {
    const std::string place = "messages[" + std::to_string(index++) + "]";
    if (!message.is_object()) reject_type(place, "an object", message);
    before_last = into.prompt_tokens;
    reader.read(message.get_object(), place);
  }
  reader.finish();
  if (!find_text(chat, "prompt_cache_key").empty()) into.cached_tokens = before_last - tokens_per_reply;
}

}  // namespace warmwire::emulator

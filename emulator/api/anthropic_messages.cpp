// The messages of a request of Anthropic's Messages.
#include "emulator/api/anthropic_messages.hpp"

#include "emulator/api/anthropic_reading.hpp"
#include "emulator/api/tokens.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

using enum field_kind;

class anthropic_message_reader {
 public:
  explicit anthropic_message_reader(dialogue& into) : into_(into) {}

  void read_system(const json::value& system, const std::string& place);
  void read(const json::object& message, const std::string& place);
  void finish(std::string_view place) const;
  [[nodiscard]] bool has_cache_control() const { return has_cache_control_; }

 private:
  struct content {
    std::string text;
    std::uint64_t attachments = 0;
    bool has_results = false;
  };
  using names = std::map<std::string, std::string, std::less<>>;  ///< of tools, by the ids of their calls

  void read_content(const json::object& message, const std::string& place, content& into);
  void read_block(const json::object& block, const std::string& place, content& into);
  void read_call(const json::object& block, const std::string& place);
  void read_result(const json::object& block, const std::string& place, content& into);
  std::string read_texts(const json::value& given, const std::string& place, std::uint64_t& attachments);

  dialogue& into_;
  names open_calls_;  ///< of the message before
  names calls_;       ///< of the message being read
  bool has_cache_control_ = false;
};

void anthropic_message_reader::read_system(const json::value& system, const std::string& place) {
  std::uint64_t attachments = 0;
  into_.count_message(read_texts(system, place, attachments), attachments);
}

// A string, or blocks of text and, within results, of images.
std::string anthropic_message_reader::read_texts(const json::value& given, const std::string& place,
                                                 std::uint64_t& attachments) {
  if (given.is_string()) return std::string(view(given.get_string()));
  if (!given.is_array()) reject_at(place, "Input should be a valid string or a valid list");
  std::string text;
  std::size_t index = 0;
  for (const json::value& each : given.get_array()) {
    const std::string where = place_of(place, index++);
    if (!each.is_object()) reject_at(where, "Input should be a valid dictionary");
    const json::object& block = each.get_object();
    has_cache_control_ = has_cache_control_ || find(block, "cache_control") != nullptr;
    if (require_string(block, where + ".type") == "text") {
      text += require_string(block, where + ".text");
    } else {
      ++attachments;
    }
  }
  return text;
}

void anthropic_message_reader::read(const json::object& message, const std::string& place) {
  const auto role = require_one_of(message, place + ".role", {"user", "assistant", "system"}, into_.notes);
  if (role == "system") {  // beside the conversation: what is open stays open, what was said last stays last
    const json::value* said = find(message, "content");
    if (said == nullptr && find(message, "output_config") == nullptr) reject_at(place + ".content", "Field required");
    if (said != nullptr) read_system(*said, place + ".content");
    return;
  }
  into_.results.clear();
  content read;
  read_content(message, place, read);
  finish(place);
  open_calls_ = std::exchange(calls_, {});
  into_.count_message(read.text, read.attachments);
  if (role == "user" && !read.has_results) into_.last_user_text = std::move(read.text);
}

// Only the very next message may answer a call.
void anthropic_message_reader::finish(std::string_view place) const {
  if (open_calls_.empty()) return;
  std::string message = "`tool_use` ids were found without `tool_result` blocks in the next message:";
  for (const auto& [id, name] : open_calls_)
    message.append(" ").append(id);
  reject_at(place, message.append("."));
}

void anthropic_message_reader::read_content(const json::object& message, const std::string& place, content& into) {
  const json::value* given = find(message, "content");
  if (given == nullptr) reject_at(place + ".content", "Field required");
  if (given->is_string()) {
    into.text = view(given->get_string());
    if (into.text.empty()) reject_at(place, "all messages must have content");
    return;
  }
  if (!given->is_array()) reject_at(place + ".content", "Input should be a valid string or a valid list");
  if (given->get_array().empty()) reject_at(place, "all messages must have content");
  std::size_t index = 0;
  for (const json::value& each : given->get_array()) {
    const std::string where = place_of(place + ".content", index++);
    if (!each.is_object()) reject_at(where, "Input should be a valid dictionary");
    read_block(each.get_object(), where, into);
  }
}

void anthropic_message_reader::read_block(const json::object& block, const std::string& place, content& into) {
  has_cache_control_ = has_cache_control_ || find(block, "cache_control") != nullptr;
  const auto type = require_string(block, place + ".type");
  if (type == "text") {
    const auto text = require_string(block, place + ".text");
    if (text.empty()) reject_at("messages", "text content blocks must be non-empty");
    into.text += text;
  } else if (type == "image" || type == "document") {
    const auto& source = require_member(block, place + ".source", object).get_object();
    require_string(source, place + ".source.type");
    ++into.attachments;
  } else if (type == "tool_use") {
    read_call(block, place);
  } else if (type == "tool_result") {
    read_result(block, place, into);
  } else if (type == "thinking") {
    require_string(block, place + ".signature");
    into_.prompt_tokens += count_tokens(require_string(block, place + ".thinking"));
  }
}

void anthropic_message_reader::read_call(const json::object& block, const std::string& place) {
  const auto id = require_string(block, place + ".id");
  const auto name = require_string(block, place + ".name");
  const auto& input = require_member(block, place + ".input", object);
  into_.prompt_tokens += count_tokens(name) + count_tokens(json::serialize(input));
  calls_.emplace(id, name);
}

void anthropic_message_reader::read_result(const json::object& block, const std::string& place, content& into) {
  const auto id = require_string(block, place + ".tool_use_id");
  const auto call = open_calls_.find(id);
  if (call == open_calls_.end()) {
    reject_at(place, std::string("unexpected `tool_use_id` found in a `tool_result` block: ")
                         .append(id)
                         .append("; the message before has no such `tool_use`"));
  }
  std::string text;
  if (const json::value* given = find(block, "content")) {
    text = read_texts(*given, place + ".content", into.attachments);
  }
  into_.prompt_tokens += count_tokens(text);
  into_.results.push_back({call->second, std::move(text)});
  open_calls_.erase(call);
  into.has_results = true;
}

}  // namespace

void read_anthropic_messages(const json::object& body, dialogue& into) {
  into.prompt_tokens = tokens_per_reply;
  anthropic_message_reader reader(into);
  if (const json::value* system = find(body, "system")) reader.read_system(*system, "system");
  const json::array& messages = require_member(body, "messages", array).get_array();
  if (messages.empty()) reject_at("messages", "at least one message is required");
  std::uint64_t before_last = 0;
  std::size_t index = 0;
  for (const json::value& each : messages) {
    const std::string place = place_of("messages", index++);
    if (!each.is_object()) reject_at(place, "Input should be a valid dictionary");
    if (index == 1 && find_text(each.get_object(), "role") == "assistant") {
      reject_at("messages", "first message must use the \"user\" role");
    }
    before_last = into.prompt_tokens;
    reader.read(each.get_object(), place);
  }
  reader.finish(place_of("messages", index - 1));
  const bool has_cache = reader.has_cache_control() || find(body, "cache_control") != nullptr;
  if (has_cache) into.cached_tokens = before_last - tokens_per_reply;
}

}  // namespace warmwire::emulator

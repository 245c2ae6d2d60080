// The request of OpenAI's Responses.
#include "emulator/api/openai_chat_input.hpp"
#include "emulator/api/openai_reading.hpp"
#include "emulator/api/openai_responses.hpp"
#include "emulator/api/tokens.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::array responses_fields{
    field{"model", anything},
    field{"input", anything},
    field{"background", boolean},
    field{"client_metadata", object},
    field{"context_management", array},
    field{"conversation", anything},
    field{"include", array},
    field{"instructions", text},
    field{"max_output_tokens", integer, 16},
    field{"max_tool_calls", integer, 1},
    field{"metadata", object},
    field{"moderation", anything},
    field{"parallel_tool_calls", boolean},
    field{"previous_response_id", text},
    field{"prompt", object},
    field{"prompt_cache_key", text},
    field{"prompt_cache_options", object},
    field{"prompt_cache_retention", text},
    field{"reasoning", object},
    field{"safety_identifier", text},
    field{"service_tier", text},
    field{"store", boolean},
    field{"stream", boolean},
    field{"stream_options", object},
    field{"temperature", number, 0, 2},
    field{"text", object},
    field{"tool_choice", anything},
    field{"tools", array},
    field{"top_logprobs", integer, 0, 20},
    field{"top_p", number, 0, 1},
    field{"truncation", text},
    field{"user", text},
};

// Those of a namespace with its name.
void add_tools(const json::array& tools, const std::string& place, std::string_view space, dialogue& into) {
  std::size_t index = 0;
  for (const json::value& each : tools) {
    const std::string where = place + "[" + std::to_string(index++) + "]";
    if (!each.is_object()) reject_type(where, "an object", each);
    const json::object& given = each.get_object();
    const auto type = require_text(given, where + ".type");
    if (const auto* inner = find_array(given, "tools"); inner != nullptr && type == "namespace") {
      add_tools(*inner, where + ".tools", require_text(given, where + ".name"), into);
    }
    if (type != "function" && type != "custom") continue;
    tool made = read_function(given, where);
    made.takes_text = type == "custom";
    made.space = space;
    into.add_tool(std::move(made));
  }
}

class item_reader {
 public:
  item_reader(dialogue& into, bool has_history) : into_(into), has_history_(has_history) {}

  void read(const json::object& item, const std::string& place);
  void finish() const;

 private:
  void read_message(const json::object& item, const std::string& place);
  void read_call(const json::object& item, const std::string& place);
  void read_output(const json::object& item, const std::string& place);
  std::string text_of(const json::value& content, const std::string& place, std::uint64_t& attachments) const;

  dialogue& into_;
  bool has_history_;
  bool has_user_ = false;
  std::map<std::string, std::string, std::less<>> names_;  ///< of the calls, by their ids
  std::string open_call_;                                  ///< one that is not answered
};

std::string item_reader::text_of(const json::value& content, const std::string& place,
                                 std::uint64_t& attachments) const {
  if (content.is_string()) return std::string(view(content.get_string()));
  if (!content.is_array()) reject_type(place, "a string or an array of parts", content);
  std::string text;
  std::size_t index = 0;
  for (const json::value& part : content.get_array()) {
    const std::string where = place + "[" + std::to_string(index++) + "]";
    if (!part.is_object()) reject_type(where, "an object", part);
    const auto type =
        require_word(part.get_object(), where + ".type",
                     {"input_text", "input_image", "input_file", "input_audio", "output_text", "refusal"}, into_.notes);
    if (type.ends_with("_text")) {
      text += require_text(part.get_object(), where + ".text");
    } else {
      ++attachments;
    }
  }
  return text;
}

void item_reader::read(const json::object& item, const std::string& place) {
  const std::string_view type = item.contains("type") ? require_text(item, place + ".type") : "message";
  if (type == "message") {
    read_message(item, place);
  } else if (type == "function_call" || type == "custom_tool_call") {
    read_call(item, place);
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    read_output(item, place);
  } else if (const auto* tools = find_array(item, "tools"); tools != nullptr && type == "additional_tools") {
    add_tools(*tools, place + ".tools", {}, into_);
  }
}

void item_reader::read_message(const json::object& item, const std::string& place) {
  const auto role = require_word(item, place + ".role", {"user", "assistant", "system", "developer"}, into_.notes);
  const json::value* content = find(item, "content");
  if (content == nullptr) reject_missing(place + ".content");
  std::uint64_t attachments = 0;
  std::string text = text_of(*content, place + ".content", attachments);
  into_.count_message(text, attachments);
  into_.results.clear();
  if (role == "user" || !has_user_) into_.last_user_text = std::move(text);
  has_user_ = has_user_ || role == "user";
}

void item_reader::read_call(const json::object& item, const std::string& place) {
  const auto id = require_text(item, place + ".call_id");
  const auto name = require_text(item, place + ".name");
  const char* given = find_text(item, "type") == "function_call" ? ".arguments" : ".input";
  into_.prompt_tokens += count_tokens(name) + count_tokens(require_text(item, place + given));
  names_.emplace(id, name);
  open_call_ = id;
}

void item_reader::read_output(const json::object& item, const std::string& place) {
  const auto id = require_text(item, place + ".call_id");
  const json::value* output = find(item, "output");
  if (output == nullptr) reject_missing(place + ".output");
  const auto call = names_.find(id);
  if (call == names_.end() && !has_history_) {
    reject({.message = "No tool call found for function call output with call_id " + std::string(id) + ".",
            .param = "input"});
  }
  std::uint64_t attachments = 0;
  std::string text = text_of(*output, place + ".output", attachments);
  into_.count_message(text, attachments);
  into_.results.push_back({call == names_.end() ? std::string("tool") : call->second, std::move(text)});
  if (open_call_ == id) open_call_.clear();
}

void item_reader::finish() const {
  if (open_call_.empty()) return;
  reject({.message = "No tool output found for function call " + open_call_ + ".", .param = "input"});
}

void read_input(const json::object& body, dialogue& into) {
  into.prompt_tokens = tokens_per_reply;
  if (const auto instructions = find_text(body, "instructions"); !instructions.empty()) {
    into.count_message(instructions, 0);
  }
  const json::value* given = find(body, "input");
  if (given == nullptr) reject_missing("input");
  if (given->is_string()) {
    into.last_user_text = view(given->get_string());
    into.count_message(into.last_user_text, 0);
    return;
  }
  if (!given->is_array()) reject_type("input", "a string or an array of items", *given);
  item_reader reader(into, !find_text(body, "previous_response_id").empty());
  std::uint64_t before_last = tokens_per_reply;
  std::size_t index = 0;
  for (const json::value& item : given->get_array()) {
    const std::string place = "input[" + std::to_string(index++) + "]";
    if (!item.is_object()) reject_type(place, "an object", item);
    before_last = into.prompt_tokens;
    reader.read(item.get_object(), place);
  }
  reader.finish();
  if (!find_text(body, "prompt_cache_key").empty()) into.cached_tokens = before_last - tokens_per_reply;
}

void read_responses_tools(const json::object& body, dialogue& into) {
  if (const auto* tools = find_array(body, "tools")) add_tools(*tools, "tools", {}, into);
  const json::value* choice = find(body, "tool_choice");
  if (choice == nullptr) return;
  if (choice->is_object()) {
    into.mode = tool_mode::named;
    into.named_tool = find_text(choice->get_object(), "name");
    return;
  }
  const auto word = require_word(body, "tool_choice", {"none", "auto", "required"}, into.notes);
  if (word == "none") into.mode = tool_mode::none;
  if (word == "required") into.mode = tool_mode::required;
}

void read_responses_format(const json::object& body, dialogue& into) {
  const auto* text = find_object(body, "text");
  const auto* format = text == nullptr ? nullptr : find_object(*text, "format");
  if (format == nullptr) return;
  const auto type = require_word(*format, "text.format.type", {"text", "json_object", "json_schema"}, into.notes);
  into.wants_json = type.starts_with("json");
  if (type == "json_schema") read_json_schema(*format, "text.format", into);
}

void read_reasoning(const json::object& body, responses_input& into) {
  const auto* reasoning = find_object(body, "reasoning");
  if (reasoning == nullptr) return;
  const auto effort = find_text(*reasoning, "effort");
  into.has_summary = find(*reasoning, "summary") != nullptr;
  into.asked.thinks = effort.empty() ? into.has_summary : effort != "none" && effort != "minimal";
}

responses_input read_responses_object(const json::object& body, const api_call& call) {
  responses_input input;
  dialogue& asked = input.asked;
  asked.model = require_text(body, "model");
  asked.notes.rule = call.others;
  check_openai_fields(body, responses_fields, asked.notes);
  read_input(body, asked);
  read_responses_tools(body, asked);
  read_responses_format(body, asked);
  read_reasoning(body, input);
  const json::value* parallel = find(body, "parallel_tool_calls");
  asked.has_parallel_calls = parallel == nullptr || is_true(body, "parallel_tool_calls");
  asked.max_tokens = find_count(body, "max_output_tokens");
  asked.streams = is_true(body, "stream");
  check_openai_context(asked.prompt_tokens);
  for (const std::string_view name :
       {"instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "previous_response_id", "reasoning",
        "temperature", "text", "tool_choice", "tools", "top_p", "truncation", "user"}) {
    const json::value* given = find(body, name);
    input.echoed[key_of(name)] = given == nullptr ? json::value(nullptr) : *given;
  }
  return input;
}

}  // namespace

std::variant<responses_input, api_error> read_responses(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& parsed) { return read_responses_object(parsed, call); });
}

}  // namespace warmwire::emulator

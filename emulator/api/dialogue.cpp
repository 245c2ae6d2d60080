// What the emulator says to a chat.
#include "emulator/api/dialogue.hpp"

#include "emulator/api/schema_example.hpp"
#include "emulator/api/tokens.hpp"
#include "emulator/api/words.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t tokens_per_message = 3;
constexpr std::uint64_t tokens_per_attachment = 85;
constexpr std::size_t max_repeated_bytes = 4096;
constexpr std::string_view refusal_word = "[refuse]";

// "You wrote 2 words: Hello there"
std::string repetition(const std::string& text) {
  const std::uint64_t words = count_words(text);
  std::string said = "You wrote " + std::to_string(words);
  said.append(words == 1 ? " word: " : " words: ").append(first_bytes(text, max_repeated_bytes));
  return said;
}

// "get_weather said: 21 degrees"
std::string told_results(const std::vector<dialogue::tool_result>& results) {
  std::string said;
  for (const auto& each : results) {
    if (!said.empty()) said += "; ";
    said.append(each.name).append(" said: ").append(first_bytes(each.text, max_repeated_bytes));
  }
  return said;
}

std::vector<const tool*> called_tools(const dialogue& asked) {
  std::vector<const tool*> called;
  if (asked.mode == tool_mode::none) return called;
  const bool is_forced = asked.mode != tool_mode::by_message;
  if (!asked.results.empty() && !is_forced) return called;
  for (const tool& each : asked.tools) {
    const bool is_meant =
        asked.mode == tool_mode::named ? each.name == asked.named_tool : names(asked.last_user_text, each.name);
    if (is_meant) called.push_back(&each);
  }
  if (called.empty() && asked.mode == tool_mode::required && !asked.tools.empty()) called.push_back(&asked.tools[0]);
  if (!asked.has_parallel_calls && called.size() > 1) called.resize(1);
  return called;
}

std::string json_text(const dialogue& asked) {
  if (asked.schema.is_null())
    return json::serialize(json::object{{"answer", text_value(repetition(asked.last_user_text))}});
  return json::serialize(example_of(asked.schema, last_word(asked.last_user_text)));
}

std::string whole_text(const dialogue& asked) {
  if (asked.wants_json) return json_text(asked);
  return asked.results.empty() ? repetition(asked.last_user_text) : told_results(asked.results);
}

// The sequence that comes first in the text ends it.
void stop_at_sequence(const dialogue& asked, reply& into) {
  std::size_t first = std::string::npos;
  for (const std::string& sequence : asked.stop) {
    const auto found = sequence.empty() ? std::string::npos : into.text.find(sequence);
    if (found >= first) continue;
    first = found;
    into.stop_sequence = sequence;
    into.end = reply::ending::stop_sequence;
  }
  if (first != std::string::npos) into.text.resize(first);
}

void stop_at_limit(const dialogue& asked, reply& into) {
  if (!asked.max_tokens) return;
  const auto kept = first_tokens(into.text, *asked.max_tokens).size();
  if (kept == into.text.size()) return;
  into.text.resize(kept);
  into.end = reply::ending::length;
  into.stop_sequence.clear();
}

// What stands behind the tool's name.
std::string text_for(const tool& called, std::string_view message) {
  const auto text = message.substr(std::min(message.size(), end_of_name(message, called.name)));
  return std::string(text.substr(std::min(text.size(), text.find_first_not_of(' '))));
}

void call_tools(const dialogue& asked, reply& into) {
  for (const tool* each : called_tools(asked)) {
    reply::call call{.called = each};
    if (each->takes_text) {
      call.text = text_for(*each, asked.last_user_text);
      into.answer_tokens += count_tokens(call.text);
    } else {
      call.arguments = arguments_for(each->schema, asked.last_user_text, each->name);
      into.answer_tokens += count_tokens(json::serialize(call.arguments));
    }
    into.answer_tokens += count_tokens(each->name);
    into.calls.push_back(std::move(call));
    into.end = reply::ending::tool_calls;
  }
}

}  // namespace

void dialogue::count_message(std::string_view text, std::uint64_t attachments) {
  prompt_tokens += tokens_per_message + count_tokens(text) + tokens_per_attachment * attachments;
}

void dialogue::add_tool(tool added) {
  prompt_tokens += count_tokens(added.name) + count_tokens(added.description);
  tools.push_back(std::move(added));
}

reply reply_to(const dialogue& asked) {
  reply said;
  if (asked.thinks) {
    const std::uint64_t words = count_words(asked.last_user_text);
    said.thought = "The user wrote " + std::to_string(words) + (words == 1 ? " word." : " words.");
    said.thought_tokens = count_tokens(said.thought);
  }
  if (asked.last_user_text.starts_with(refusal_word)) {
    said.text = "I was asked to refuse this.";
    said.end = reply::ending::refusal;
  } else {
    call_tools(asked, said);
    if (said.calls.empty()) {
      said.text = whole_text(asked);
      stop_at_sequence(asked, said);
      stop_at_limit(asked, said);
    }
  }
  said.answer_tokens += count_tokens(said.text);
  return said;
}

}  // namespace warmwire::emulator

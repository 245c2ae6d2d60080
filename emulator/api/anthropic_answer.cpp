// The answer of Anthropic's Messages, whole and as named events.
#include "emulator/api/anthropic_answer.hpp"

#include "emulator/api/openai_format.hpp"
#include "emulator/api/words.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::size_t input_piece_bytes = 6;  ///< of a piece of a tool's input
constexpr std::string_view signature_of_thought = "ZW11bGF0ZWQgc2lnbmF0dXJl";

std::string_view stop_reason(const reply& said) {
  switch (said.end) {
    case reply::ending::stop_sequence:
      return "stop_sequence";
    case reply::ending::length:
      return "max_tokens";
    case reply::ending::tool_calls:
      return "tool_use";
    case reply::ending::refusal:
      return "refusal";
    default:
      return "end_turn";
  }
}

json::value stop_sequence(const reply& said) {
  return said.stop_sequence.empty() ? json::value(nullptr) : json::value(text_value(said.stop_sequence));
}

json::object usage_json(const dialogue& asked, std::uint64_t output_tokens) {
  return {{"input_tokens", asked.prompt_tokens - asked.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", asked.cached_tokens},
          {"cache_creation", {{"ephemeral_5m_input_tokens", 0}, {"ephemeral_1h_input_tokens", 0}}},
          {"output_tokens", output_tokens},
          {"service_tier", "standard"}};
}

json::object call_block(const reply::call& call, std::string id, json::object input) {
  return {{"type", "tool_use"},
          {"id", std::move(id)},
          {"name", text_value(call.called->name)},
          {"input", std::move(input)}};
}

json::object message_frame(const dialogue& asked, std::uint64_t number, std::uint64_t output_tokens) {
  return {{"id", item_id("msg_", number, 0)},
          {"type", "message"},
          {"role", "assistant"},
          {"model", text_value(asked.model)},
          {"content", json::array()},
          {"stop_reason", nullptr},
          {"stop_sequence", nullptr},
          {"usage", usage_json(asked, output_tokens)}};
}

class message_writer {
 public:
  message_writer(const dialogue& asked, std::uint64_t number)
      : asked_(asked), number_(number), said_(reply_to(asked)) {}

  event_stream write();

 private:
  void add(std::string_view type, json::object fields, stream_event::part what = stream_event::part::content);
  void add_delta(std::string_view type, std::string_view field, std::string_view text);
  void open(const json::object& block);
  void close();
  void add_thought();
  void add_text();
  void add_call(const reply::call& call);

  const dialogue& asked_;
  std::uint64_t number_;
  reply said_;
  std::uint64_t index_ = 0;  ///< of the block
  event_stream made_{.dialect = event_dialect::messages};
};

event_stream message_writer::write() {
  add("message_start", {{"message", message_frame(asked_, number_, 1)}});
  if (!said_.thought.empty()) add_thought();
  if (said_.calls.empty()) add_text();
  for (const reply::call& each : said_.calls)
    add_call(each);
  json::object delta{{"stop_reason", text_value(stop_reason(said_))}, {"stop_sequence", stop_sequence(said_)}};
  add("message_delta", {{"delta", std::move(delta)}, {"usage", usage_json(asked_, said_.tokens())}},
      stream_event::part::finish);
  made_.events.back().has_usage = true;
  add("message_stop", {}, stream_event::part::marker);
  return std::move(made_);
}

void message_writer::add(std::string_view type, json::object fields, stream_event::part what) {
  json::object event{{"type", text_value(type)}};
  for (auto& [name, value] : fields)
    event[name] = std::move(value);
  made_.events.push_back({.data = json::serialize(event), .name = std::string(type), .what = what});
}

void message_writer::add_delta(std::string_view type, std::string_view field, std::string_view text) {
  json::object delta{{"type", text_value(type)}};
  delta[key_of(field)] = text_value(text);
  add("content_block_delta", {{"index", index_}, {"delta", std::move(delta)}});
}

void message_writer::open(const json::object& block) {
  add("content_block_start", {{"index", index_}, {"content_block", block}});
  if (index_ == 0) add("ping", {}, stream_event::part::noise);
}

void message_writer::close() {
  add("content_block_stop", {{"index", index_}});
  ++index_;
}

void message_writer::add_thought() {
  open({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
  for (const auto word : words_of(said_.thought))
    add_delta("thinking_delta", "thinking", word);
  add_delta("signature_delta", "signature", signature_of_thought);
  close();
}

void message_writer::add_text() {
  open({{"type", "text"}, {"text", ""}});
  for (const auto word : words_of(said_.text))
    add_delta("text_delta", "text", word);
  close();
}

void message_writer::add_call(const reply::call& call) {
  open(call_block(call, item_id("toolu_", number_, index_), {}));
  add_delta("input_json_delta", "partial_json", "");
  const std::string arguments = arguments_text(call);
  for (const auto piece : pieces_of(arguments, input_piece_bytes))
    add_delta("input_json_delta", "partial_json", piece);
  close();
}

}  // namespace

json::object message_json(const dialogue& asked, std::uint64_t number) {
  const reply said = reply_to(asked);
  json::array content;
  if (!said.thought.empty()) {
    content.push_back(json::object{
        {"type", "thinking"}, {"thinking", text_value(said.thought)}, {"signature", text_value(signature_of_thought)}});
  }
  if (said.calls.empty()) content.push_back(json::object{{"type", "text"}, {"text", text_value(said.text)}});
  for (const reply::call& each : said.calls)
    content.push_back(call_block(each, item_id("toolu_", number, content.size()), each.arguments));
  json::object message = message_frame(asked, number, said.tokens());
  message["content"] = std::move(content);
  message["stop_reason"] = text_value(stop_reason(said));
  message["stop_sequence"] = stop_sequence(said);
  return message;
}

event_stream message_stream(const dialogue& asked, std::uint64_t number) {
  return message_writer(asked, number).write();
}

}  // namespace warmwire::emulator

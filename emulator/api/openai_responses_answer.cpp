// The answer of OpenAI's Responses, whole and as events.
#include "emulator/api/openai_format.hpp"
#include "emulator/api/openai_responses.hpp"
#include "emulator/api/words.hpp"

#include <string>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::size_t item_piece_bytes = 6;  ///< of a piece of a tool's arguments

json::object output_text_part(const reply& said, std::string_view text) {
  if (said.end == reply::ending::refusal) return {{"type", "refusal"}, {"refusal", text_value(text)}};
  return {
      {"type", "output_text"}, {"text", text_value(text)}, {"annotations", json::array()}, {"logprobs", json::array()}};
}

class response_writer {
 public:
  response_writer(const responses_input& input, std::uint64_t number)
      : input_(input), number_(number), said_(reply_to(input.asked)) {}

  [[nodiscard]] json::object whole() const;
  event_stream stream();

 private:
  [[nodiscard]] std::string id(std::string_view prefix) const { return item_id(prefix, number_, output_.size()); }
  [[nodiscard]] json::object usage() const;
  [[nodiscard]] json::object response(std::string_view status, json::array output) const;
  [[nodiscard]] std::string_view final_status() const;

  void add_items();
  void add_reasoning();
  void add_message();
  void add_call(const reply::call& call);
  void add(std::string_view type, json::object fields, stream_event::part what = stream_event::part::content);
  void add_part(std::string_view type, const std::string& item, json::object fields);
  void open(const json::object& item);
  void close(json::object item);

  const responses_input& input_;
  std::uint64_t number_;
  reply said_;
  json::array output_;
  event_stream made_{.dialect = event_dialect::responses};
};

json::object response_writer::usage() const {
  const dialogue& asked = input_.asked;
  return {{"input_tokens", asked.prompt_tokens},
          {"input_tokens_details", {{"cached_tokens", asked.cached_tokens}}},
          {"output_tokens", said_.tokens()},
          {"output_tokens_details", {{"reasoning_tokens", said_.thought_tokens}}},
          {"total_tokens", asked.prompt_tokens + said_.tokens()}};
}

std::string_view response_writer::final_status() const {
  return said_.end == reply::ending::length ? "incomplete" : "completed";
}

json::object response_writer::response(std::string_view status, json::array output) const {
  const bool is_over = status != "in_progress";
  json::object made{{"id", item_id("resp_", number_, 0)},
                    {"object", "response"},
                    {"created_at", created_at},
                    {"status", text_value(status)},
                    {"background", false},
                    {"error", nullptr},
                    {"incomplete_details", nullptr},
                    {"model", text_value(input_.asked.model)},
                    {"output", std::move(output)},
                    {"service_tier", "default"},
                    {"store", false},
                    {"usage", is_over ? json::value(usage()) : json::value(nullptr)}};
  if (status == "incomplete") made["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  for (const auto& [name, value] : input_.echoed)
    made[name] = value;
  if (made["tools"].is_null()) made["tools"] = json::array();
  if (made["tool_choice"].is_null()) made["tool_choice"] = "auto";
  if (made["text"].is_null()) made["text"] = json::object{{"format", {{"type", "text"}}}};
  if (made["parallel_tool_calls"].is_null()) made["parallel_tool_calls"] = true;
  if (made["metadata"].is_null()) made["metadata"] = json::object();
  return made;
}

json::object response_writer::whole() const {
  response_writer copy(*this);
  copy.add_items();
  return response(final_status(), std::move(copy.output_));
}

event_stream response_writer::stream() {
  add("response.created", {{"response", response("in_progress", {})}});
  add("response.in_progress", {{"response", response("in_progress", {})}});
  add_items();
  const std::string type = std::string("response.").append(final_status());
  add(type, {{"response", response(final_status(), output_)}}, stream_event::part::finish);
  made_.events.back().has_usage = true;
  return std::move(made_);
}

void response_writer::add_items() {
  if (!said_.thought.empty()) add_reasoning();
  if (said_.calls.empty()) add_message();
  for (const reply::call& each : said_.calls)
    add_call(each);
}

void response_writer::add(std::string_view type, json::object fields, stream_event::part what) {
  json::object event{{"type", text_value(type)}, {"sequence_number", made_.events.size()}};
  for (auto& [name, value] : fields)
    event[name] = std::move(value);
  made_.events.push_back({.data = json::serialize(event), .name = std::string(type), .what = what});
}

// An event about a part of the item that is being made.
void response_writer::add_part(std::string_view type, const std::string& item, json::object fields) {
  json::object about{{"item_id", item}, {"output_index", output_.size()}};
  for (auto& [name, value] : fields)
    about[name] = std::move(value);
  add(type, std::move(about));
}

void response_writer::open(const json::object& item) {
  add("response.output_item.added", {{"output_index", output_.size()}, {"item", item}});
}

void response_writer::close(json::object item) {
  add("response.output_item.done", {{"output_index", output_.size()}, {"item", item}});
  output_.push_back(std::move(item));
}

void response_writer::add_reasoning() {
  const std::string item = id("rs_");
  json::object made{{"id", item}, {"type", "reasoning"}, {"summary", json::array()}};
  open(made);
  if (input_.has_summary) {
    const auto part = [](std::string_view text) {
      return json::object{{"type", "summary_text"}, {"text", text_value(text)}};
    };
    add_part("response.reasoning_summary_part.added", item, {{"summary_index", 0}, {"part", part("")}});
    for (const auto word : words_of(said_.thought)) {
      add_part("response.reasoning_summary_text.delta", item, {{"summary_index", 0}, {"delta", text_value(word)}});
    }
    const json::string text = text_value(said_.thought);
    add_part("response.reasoning_summary_text.done", item, {{"summary_index", 0}, {"text", text}});
    add_part("response.reasoning_summary_part.done", item, {{"summary_index", 0}, {"part", part(said_.thought)}});
    json::array summary;
    summary.push_back(part(said_.thought));
    made["summary"] = std::move(summary);
  }
  close(std::move(made));
}

void response_writer::add_message() {
  const bool is_refusal = said_.end == reply::ending::refusal;
  const std::string kind = is_refusal ? "response.refusal." : "response.output_text.";
  const std::string item = id("msg_");
  json::object made{
      {"id", item}, {"type", "message"}, {"status", "in_progress"}, {"role", "assistant"}, {"content", json::array()}};
  open(made);
  const json::object where{{"content_index", 0}};
  const auto with = [&where](std::string_view name, json::value value) {
    json::object fields = where;
    fields[key_of(name)] = std::move(value);
    return fields;
  };
  add_part("response.content_part.added", item, with("part", output_text_part(said_, "")));
  for (const auto word : words_of(said_.text)) {
    json::object fields = with("delta", text_value(word));
    if (!is_refusal) fields["logprobs"] = json::array();
    add_part(kind + "delta", item, std::move(fields));
  }
  json::object done = with(is_refusal ? "refusal" : "text", text_value(said_.text));
  if (!is_refusal) done["logprobs"] = json::array();
  add_part(kind + "done", item, std::move(done));
  add_part("response.content_part.done", item, with("part", output_text_part(said_, said_.text)));
  made["status"] = text_value(final_status());
  json::array content;
  content.push_back(output_text_part(said_, said_.text));
  made["content"] = std::move(content);
  close(std::move(made));
}

// Of a function with arguments, or of a custom tool with text.
void response_writer::add_call(const reply::call& call) {
  const bool takes_text = call.called->takes_text;
  const std::string events = takes_text ? "response.custom_tool_call_input." : "response.function_call_arguments.";
  const json::string_view given = takes_text ? "input" : "arguments";
  const std::string text = takes_text ? call.text : arguments_text(call);
  const std::string item = id(takes_text ? "ctc_" : "fc_");
  json::object made{{"id", item},
                    {"type", takes_text ? "custom_tool_call" : "function_call"},
                    {"status", "in_progress"},
                    {given, ""},
                    {"call_id", id("call_")},
                    {"name", text_value(call.called->name)}};
  if (!call.called->space.empty()) made["namespace"] = call.called->space;
  open(made);
  for (const auto piece : pieces_of(text, item_piece_bytes))
    add_part(events + "delta", item, {{"delta", text_value(piece)}});
  json::object done{{given, text}};
  if (!takes_text) done["name"] = text_value(call.called->name);
  add_part(events + "done", item, std::move(done));
  made["status"] = "completed";
  made[given] = text;
  close(std::move(made));
}

}  // namespace

json::object response_json(const responses_input& input, std::uint64_t number) {
  return response_writer(input, number).whole();
}

event_stream response_stream(const responses_input& input, std::uint64_t number) {
  return response_writer(input, number).stream();
}

}  // namespace warmwire::emulator

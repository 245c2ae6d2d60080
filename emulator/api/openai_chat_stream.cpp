// The emulator's answer to a chat completion request, as a stream.
#include "emulator/api/api_error.hpp"
#include "emulator/api/openai_chat_answer.hpp"
#include "emulator/api/openai_format.hpp"
#include "emulator/api/words.hpp"

#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::size_t argument_bytes = 6;     ///< of a piece of a tool's arguments
constexpr std::size_t obfuscated_bytes = 16;  ///< to which a short delta is filled up

json::object chunk_json(std::string_view model, std::uint64_t number) {
  return {{"id", "chatcmpl-" + padded(number, 29)},
          {"object", "chat.completion.chunk"},
          {"created", created_at},
          {"model", text_value(model)},
          {"service_tier", "default"},
          {"system_fingerprint", "fp_warmwire"}};
}

class chunk_writer {
 public:
  chunk_writer(const chat_input& input, const server_kind& as, std::uint64_t number)
      : input_(input), as_(as), number_(number), said_(reply_to(input.asked)) {}

  event_stream write();

 private:
  void add_chunk(json::array choices, stream_event::part what = stream_event::part::content);
  void add_delta(const json::object& delta);
  void add_text(std::string_view field, std::string_view text);
  void add_calls();
  void add_filter_results();
  void add_finish();
  void add_usage();
  [[nodiscard]] json::object usage() const { return chat_usage(input_.asked, said_, as_); }

  const chat_input& input_;
  const server_kind& as_;
  std::uint64_t number_;
  reply said_;
  json::object extra_;  ///< of the next chunk
  event_stream made_;
};

event_stream chunk_writer::write() {
  if (as_.name == "azure") add_filter_results();
  if (as_.name == "groq") extra_["x_groq"] = json::object{{"id", request_id(number_)}};
  const bool is_refusal = said_.end == reply::ending::refusal;
  json::object opening{{"role", "assistant"}};
  opening["content"] = said_.calls.empty() && !is_refusal ? json::value("") : json::value(nullptr);
  opening["refusal"] = is_refusal ? json::value("") : json::value(nullptr);
  add_delta(opening);
  if (!as_.reasoning_field.empty()) add_text(as_.reasoning_field, said_.thought);
  add_text(is_refusal ? "refusal" : "content", said_.text);
  add_calls();
  add_finish();
  add_usage();
  made_.events.push_back({.data = "[DONE]", .what = stream_event::part::marker});
  return std::move(made_);
}

void chunk_writer::add_chunk(json::array choices, stream_event::part what) {
  json::object chunk = chunk_json(input_.asked.model, number_);
  chunk["choices"] = std::move(choices);
  if (input_.includes_usage) chunk["usage"] = nullptr;
  if (as_.name == "openrouter") chunk["provider"] = "Emulator";
  for (auto& [name, value] : std::exchange(extra_, {}))
    chunk[name] = value;
  made_.events.push_back(
      {.data = json::serialize(chunk), .what = what, .has_usage = find_object(chunk, "usage") != nullptr});
}

// The same for each choice, a chunk for each.
void chunk_writer::add_delta(const json::object& delta) {
  for (std::uint64_t index = 0; index < input_.asked.choices; ++index) {
    if (as_.name == "openai" && input_.is_obfuscated) {
      const std::string text = json::serialize(delta);
      extra_["obfuscation"] = std::string(obfuscated_bytes - text.size() % obfuscated_bytes, 'x');
    }
    json::array choices;
    choices.push_back(
        json::object{{"index", index}, {"delta", delta}, {"logprobs", nullptr}, {"finish_reason", nullptr}});
    add_chunk(std::move(choices));
  }
}

void chunk_writer::add_text(std::string_view field, std::string_view text) {
  for (const auto word : words_of(text)) {
    json::object delta;
    delta[key_of(field)] = text_value(word);
    add_delta(delta);
  }
}

void chunk_writer::add_calls() {
  std::uint64_t index = 0;
  for (const reply::call& each : said_.calls) {
    const auto add = [&](json::object call) {
      call["index"] = index;
      json::array calls;
      calls.push_back(std::move(call));
      add_delta(json::object{{"tool_calls", std::move(calls)}});
    };
    add({{"index", index},
         {"id", item_id("call_", number_, index)},
         {"type", "function"},
         {"function", {{"name", text_value(each.called->name)}, {"arguments", ""}}}});
    const std::string arguments = arguments_text(each);
    for (const auto piece : pieces_of(arguments, argument_bytes)) {
      json::object function{{"arguments", text_value(piece)}};
      add({{"index", index}, {"function", std::move(function)}});
    }
    ++index;
  }
}

// What Azure says about the prompt before anything else.
void chunk_writer::add_filter_results() {
  extra_["prompt_filter_results"] = json::array{json::object{{"prompt_index", 0}}};
  add_chunk({});
}

void chunk_writer::add_finish() {
  for (std::uint64_t index = 0; index < input_.asked.choices; ++index) {
    json::object choice{{"index", index},
                        {"delta", json::object()},
                        {"logprobs", nullptr},
                        {"finish_reason", text_value(chat_finish(said_))}};
    if (as_.name == "vllm") choice["stop_reason"] = nullptr;
    if (as_.name == "openrouter") choice["native_finish_reason"] = text_value(chat_finish(said_));
    const bool is_last = index + 1 == input_.asked.choices;
    if (is_last && as_.usage == usage_place::finish_chunk) extra_["usage"] = usage();
    if (is_last && as_.usage == usage_place::x_groq) {
      extra_["x_groq"] = json::object{{"id", request_id(number_)}, {"usage", usage()}};
    }
    if (is_last && as_.name == "llamacpp") extra_["timings"] = json::object{{"predicted_n", said_.tokens()}};
    json::array choices;
    choices.push_back(std::move(choice));
    add_chunk(std::move(choices), stream_event::part::finish);
  }
}

void chunk_writer::add_usage() {
  if (!input_.includes_usage || as_.usage == usage_place::finish_chunk) return;
  extra_["usage"] = usage();
  add_chunk({});
}

}  // namespace

event_stream completion_stream(const chat_input& input, const server_kind& as, std::uint64_t number) {
  return chunk_writer(input, as, number).write();
}

json::object error_chunk(const json::value& error, std::uint64_t number) {
  json::object chunk = chunk_json("emulator", number);
  for (const auto& [name, value] : error.as_object())
    chunk[name] = value;
  json::array choices;
  choices.push_back(json::object{{"index", 0}, {"delta", {{"content", ""}}}, {"finish_reason", "error"}});
  chunk["choices"] = std::move(choices);
  return chunk;
}

}  // namespace warmwire::emulator

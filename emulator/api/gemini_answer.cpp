// The answer of Gemini's generateContent, whole and as a stream.
#include "emulator/api/gemini_answer.hpp"

#include "emulator/api/openai_format.hpp"
#include "emulator/api/words.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::string_view thought_signature = "ZW11bGF0ZWQgc2lnbmF0dXJl";

enum class usage_of : std::uint8_t { prompt, all };

class content_writer {
 public:
  content_writer(const gemini_input& input, std::uint64_t number)
      : input_(input), number_(number), said_(reply_to(input.asked)) {}

  [[nodiscard]] json::object whole() const;
  event_stream stream();

 private:
  [[nodiscard]] bool is_refused() const { return said_.end == reply::ending::refusal; }
  [[nodiscard]] json::array parts() const;
  [[nodiscard]] json::object call_part(const reply::call& call) const;
  [[nodiscard]] json::object usage(usage_of which) const;
  [[nodiscard]] json::object response(const json::array& parts, bool is_last) const;
  void add(json::object part);

  const gemini_input& input_;
  std::uint64_t number_;
  reply said_;
  event_stream made_{.dialect = event_dialect::gemini};
};

json::object gemini_text_part(std::string_view text) {
  return {{"text", text_value(text)}};
}

json::object thought_part(std::string_view text) {
  return {{"text", text_value(text)}, {"thought", true}};
}

json::object content_writer::call_part(const reply::call& call) const {
  json::object part{{"functionCall", {{"name", text_value(call.called->name)}, {"args", call.arguments}}}};
  if (input_.asked.thinks) part["thoughtSignature"] = text_value(thought_signature);
  return part;
}

json::array content_writer::parts() const {
  json::array made;
  if (input_.shows_thoughts && !said_.thought.empty()) made.push_back(thought_part(said_.thought));
  if (said_.calls.empty()) made.push_back(gemini_text_part(said_.text));
  for (const reply::call& each : said_.calls)
    made.push_back(call_part(each));
  return made;
}

json::object content_writer::usage(usage_of which) const {
  const dialogue& asked = input_.asked;
  const std::uint64_t answer = is_refused() ? 0 : said_.answer_tokens * asked.choices;
  const std::uint64_t thoughts = is_refused() ? 0 : said_.thought_tokens * asked.choices;
  json::object made{{"promptTokenCount", asked.prompt_tokens}};
  if (which == usage_of::all && !is_refused()) made["candidatesTokenCount"] = answer;
  made["totalTokenCount"] = asked.prompt_tokens + (which == usage_of::all ? answer + thoughts : 0);
  if (asked.cached_tokens > 0) made["cachedContentTokenCount"] = asked.cached_tokens;
  if (which == usage_of::all && thoughts > 0) made["thoughtsTokenCount"] = thoughts;
  json::array details;
  details.push_back(json::object{{"modality", "TEXT"}, {"tokenCount", asked.prompt_tokens}});
  made["promptTokensDetails"] = std::move(details);
  return made;
}

json::object content_writer::response(const json::array& parts, bool is_last) const {
  json::array candidates;
  for (std::uint64_t index = 0; index < input_.asked.choices; ++index) {
    json::object candidate{{"content", {{"parts", parts}, {"role", "model"}}}};
    if (is_last) candidate["finishReason"] = said_.end == reply::ending::length ? "MAX_TOKENS" : "STOP";
    candidate["index"] = index;
    candidates.push_back(std::move(candidate));
  }
  json::object made;
  if (is_refused()) {
    made["promptFeedback"] = json::object{{"blockReason", "PROHIBITED_CONTENT"}};
  } else {
    made["candidates"] = std::move(candidates);
  }
  made["usageMetadata"] = usage(is_last ? usage_of::all : usage_of::prompt);
  made["modelVersion"] = text_value(input_.asked.model);
  made["responseId"] = item_id("resp", number_, 0);
  return made;
}

json::object content_writer::whole() const {
  return response(parts(), true);
}

void content_writer::add(json::object part) {
  json::array parts;
  parts.push_back(std::move(part));
  made_.events.push_back({.data = json::serialize(response(parts, false))});
}

event_stream content_writer::stream() {
  if (!is_refused()) {
    if (input_.shows_thoughts) {
      for (const auto word : words_of(said_.thought))
        add(thought_part(word));
    }
    for (const auto word : words_of(said_.text))
      add(gemini_text_part(word));
    for (const reply::call& each : said_.calls)
      add(call_part(each));
  }
  json::array last;
  last.push_back(gemini_text_part(""));
  made_.events.push_back(
      {.data = json::serialize(response(last, true)), .what = stream_event::part::finish, .has_usage = true});
  return std::move(made_);
}

}  // namespace

json::object content_json(const gemini_input& input, std::uint64_t number) {
  return content_writer(input, number).whole();
}

event_stream content_stream(const gemini_input& input, std::uint64_t number) {
  return content_writer(input, number).stream();
}

}  // namespace warmwire::emulator

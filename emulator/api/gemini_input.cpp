// A request of Gemini's generateContent or countTokens, checked the way Google checks it.
#include "emulator/api/gemini_input.hpp"

#include "emulator/api/gemini_reading.hpp"
#include "emulator/api/openai_reading.hpp"
#include "emulator/api/tokens.hpp"

#include <array>
#include <utility>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::uint64_t gemini_context_tokens = 1'048'576;

constexpr std::array generate_fields{
    field{"contents", array},           field{"cachedContent", text},   field{"continuationToken", text},
    field{"generationConfig", object},  field{"labels", object},        field{"model", text},
    field{"safetySettings", array},     field{"serviceTier", anything}, field{"store", boolean},
    field{"systemInstruction", object}, field{"toolConfig", object},    field{"tools", array},
};

constexpr std::array config_fields{
    field{"audioTranscriptionConfig", object},
    field{"candidateCount", integer, 1, 8},
    field{"enableEnhancedCivicAnswers", boolean},
    field{"frequencyPenalty", number, -2, 2},
    field{"imageConfig", object},
    field{"logprobs", integer, 0, 20},
    field{"maxOutputTokens", integer, 1},
    field{"mediaResolution", text},
    field{"presencePenalty", number, -2, 2},
    field{"responseJsonSchema", anything},
    field{"responseLogprobs", boolean},
    field{"responseMimeType", text},
    field{"responseModalities", array},
    field{"responseSchema", object},
    field{"seed", integer},
    field{"speechConfig", object},
    field{"stopSequences", array},
    field{"temperature", number, 0, 2},
    field{"thinkingConfig", object},
    field{"topK", number, 0},
    field{"topP", number, 0, 1},
};

constexpr std::array thinking_fields{field{"includeThoughts", boolean}, field{"thinkingBudget", integer, -1},
                                     field{"thinkingLevel", text}};

void read_thinking(const json::object& config, gemini_input& into) {
  const auto* given = find_object(config, "thinkingConfig");
  if (given == nullptr) return;
  const json::object thinking =
      checked_object(*given, "generation_config.thinking_config", thinking_fields, into.asked.notes);
  into.shows_thoughts = is_true(thinking, "includeThoughts");
  const json::value* budget = find(thinking, "thinkingBudget");
  const bool has_budget = budget != nullptr && budget->to_number<std::int64_t>() != 0;
  into.asked.thinks =
      budget == nullptr ? into.shows_thoughts || find(thinking, "thinkingLevel") != nullptr : has_budget;
}

void read_generate_format(const json::object& config, dialogue& into) {
  const auto type = find_text(config, "responseMimeType");
  const json::value* schema = find(config, "responseJsonSchema");
  if (schema == nullptr) schema = find(config, "responseSchema");
  if (type != "application/json") {
    if (schema == nullptr) return;
    reject_argument("generation_config.response_mime_type",
                    "A response schema goes with response_mime_type 'application/json' only.");
  }
  into.wants_json = true;
  if (schema != nullptr) into.schema = *schema;
}

void read_config(const json::object& body, gemini_input& into) {
  const auto* given = find_object(body, "generationConfig");
  if (given == nullptr) return;
  const json::object config = checked_object(*given, "generation_config", config_fields, into.asked.notes);
  into.asked.choices = find_count(config, "candidateCount").value_or(1);
  into.asked.max_tokens = find_count(config, "maxOutputTokens");
  if (const auto* stop = find_array(config, "stopSequences")) {
    for (const json::value& each : *stop) {
      if (!each.is_string()) reject_argument("generation_config.stop_sequences", "A stop sequence must be a string.");
      into.asked.stop.emplace_back(view(each.get_string()));
    }
  }
  read_thinking(config, into);
  read_generate_format(config, into.asked);
}

void read_declarations(const json::array& declarations, const std::string& place, dialogue& into) {
  std::size_t index = 0;
  for (const json::value& each : declarations) {
    const std::string where = place + ".function_declarations[" + std::to_string(index++) + "]";
    const json::object given = element(each, where);
    tool made{.name = std::string(find_text(given, "name"))};
    if (made.name.empty()) reject_argument(where + ".name", "A function declaration must have a name.");
    made.description = find_text(given, "description");
    const json::value* schema = find(given, "parametersJsonSchema");
    if (schema == nullptr) schema = find(given, "parameters");
    if (schema != nullptr) made.schema = *schema;
    into.add_tool(std::move(made));
  }
}

void read_generate_tools(const json::object& body, dialogue& into) {
  const auto* tools = find_array(body, "tools");
  std::size_t index = 0;
  for (const json::value& each : tools == nullptr ? json::array() : *tools) {
    const std::string place = "tools[" + std::to_string(index++) + "]";
    const json::object given = element(each, place);
    if (const auto* declarations = find_array(given, "functionDeclarations")) {
      read_declarations(*declarations, place, into);
    }
  }
}

void read_tool_config(const json::object& body, dialogue& into) {
  const auto* given = find_object(body, "toolConfig");
  if (given == nullptr) return;
  const json::object config = camel_case(*given);
  const auto* calling = find_object(config, "functionCallingConfig");
  if (calling == nullptr) return;
  const json::object how = camel_case(*calling);
  const auto mode = find_text(how, "mode");
  if (mode == "NONE") into.mode = tool_mode::none;
  if (mode != "ANY") return;
  into.mode = tool_mode::required;
  const auto* allowed = find_array(how, "allowedFunctionNames");
  if (allowed == nullptr || allowed->size() != 1 || !allowed->front().is_string()) return;
  into.mode = tool_mode::named;
  into.named_tool = view(allowed->front().get_string());
}

// Calls of the turn before must be answered in this one, as many as there were.
void check_answers(const gemini_parts& read, std::size_t calls, const std::string& place) {
  if (read.results.size() == calls) return;
  reject_argument(place, "There must be as many function response parts as the turn before has function call parts: " +
                             std::to_string(calls) + ", not " + std::to_string(read.results.size()) + ".");
}

void count_parts(const gemini_parts& read, dialogue& into) {
  into.count_message(read.text, read.attachments);
  for (const auto& each : read.calls)
    into.prompt_tokens += count_tokens(each);
  for (const auto& each : read.results)
    into.prompt_tokens += count_tokens(each.text);
}

void read_contents(const json::object& body, dialogue& into) {
  into.prompt_tokens = tokens_per_reply;
  if (const auto* system = find_object(body, "systemInstruction")) {
    count_parts(read_gemini_parts(camel_case(*system), "system_instruction", into.notes), into);
  }
  const auto* contents = find_array(body, "contents");
  if (contents == nullptr || contents->empty()) {
    reject_argument("contents", "* GenerateContentRequest.contents: contents is not specified");
  }
  std::uint64_t before_last = 0;
  std::size_t open_calls = 0;
  std::size_t index = 0;
  for (const json::value& each : *contents) {
    const std::string place = "contents[" + std::to_string(index++) + "]";
    const json::object content = element(each, place);
    const auto role = find_text(content, "role");
    if (!into.notes.takes_word(place + ".role", role, {"", "user", "model", "function"})) {
      reject_argument(place + ".role", "Please use a valid role: user, model.");
    }
    gemini_parts read = read_gemini_parts(content, place, into.notes);
    check_answers(read, open_calls, place);
    open_calls = read.calls.size();
    before_last = into.prompt_tokens;
    count_parts(read, into);
    if (role != "model" && read.results.empty()) into.last_user_text = std::move(read.text);
    into.results = std::move(read.results);
  }
  if (!find_text(body, "cachedContent").empty()) into.cached_tokens = before_last - tokens_per_reply;
}

gemini_input read_generate_object(const json::object& given, const api_call& call) {
  gemini_input input;
  input.asked.model = call.model;
  input.asked.notes.rule = call.others;
  const json::object body = checked_object(given, "", generate_fields, input.asked.notes);
  read_contents(body, input.asked);
  read_config(body, input);
  read_generate_tools(body, input.asked);
  read_tool_config(body, input.asked);
  if (input.asked.prompt_tokens > gemini_context_tokens) {
    reject({.message = "The input token count (" + std::to_string(input.asked.prompt_tokens) +
                       ") exceeds the maximum number of tokens allowed (1048576)."});
  }
  return input;
}

}  // namespace

std::variant<gemini_input, api_error> read_gemini(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& parsed) { return read_generate_object(parsed, call); });
}

std::variant<gemini_input, api_error> read_gemini_count(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& parsed) {
    const json::object members = camel_case(parsed);
    const auto* inner = find_object(members, "generateContentRequest");
    return read_generate_object(inner == nullptr ? members : *inner, call);
  });
}

}  // namespace warmwire::emulator

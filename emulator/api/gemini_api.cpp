// The part of Google's Gemini API that the emulator speaks.
#include "emulator/api/gemini_api.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/gemini_answer.hpp"
#include "emulator/api/gemini_embed.hpp"
#include "emulator/api/gemini_input.hpp"
#include "emulator/api/model_page.hpp"
#include "emulator/api/openai_api.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace warmwire::emulator {
namespace {

constexpr std::array<std::string_view, 4> gemini_models{"gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro-preview",
                                                        "gemini-embedding-001"};

answer json_answer(std::string body) {
  answer said;
  append_field(said.fields, "Content-Type", "application/json; charset=UTF-8");
  said.body = std::move(body);
  return said;
}

class gemini_call {
 public:
  gemini_call(const asked& question, const api_call& call) : question_(question), call_(call) {}

  [[nodiscard]] answer run() const;

 private:
  [[nodiscard]] answer generate() const;
  [[nodiscard]] answer stream() const;
  [[nodiscard]] answer count() const;
  [[nodiscard]] answer embed() const;
  [[nodiscard]] answer list_models() const;
  [[nodiscard]] answer refuse(const api_error& error) const {
    return error_answer(error, *call_.server, question_.number);
  }

  const asked& question_;
  const api_call& call_;
};

json::object gemini_model_json(std::string_view id) {
  const bool embeds = id.find("embedding") != id.npos;
  json::array methods{"generateContent", "countTokens"};
  if (embeds) methods = json::array{"embedContent", "countTokens"};
  return {{"name", std::string("models/").append(id)},
          {"version", "001"},
          {"displayName", text_value(id)},
          {"description", "A model of the emulator."},
          {"inputTokenLimit", 1'048'576},
          {"outputTokenLimit", 65'536},
          {"supportedGenerationMethods", std::move(methods)}};
}

answer gemini_call::run() const {
  if (call_.model == missing_model) {
    std::string message = "models/";
    message.append(call_.model).append(" is not found for API version v1beta, or is not supported for this method.");
    return refuse({.status = 404, .message = std::move(message)});
  }
  switch (*call_.operation) {
    case api_operation::generate:
      return generate();
    case api_operation::stream_generate:
      return stream();
    case api_operation::count_tokens:
      return count();
    case api_operation::embed:
    case api_operation::batch_embed:
      return embed();
    case api_operation::models:
      return list_models();
    default:
      return json_answer(json::serialize(gemini_model_json(call_.model)) + "\n");
  }
}

answer gemini_call::generate() const {
  const auto read = read_gemini(question_.what.body, call_);
  if (const auto* error = std::get_if<api_error>(&read)) return refuse(*error);
  const auto& input = std::get<gemini_input>(read);
  answer said = json_answer(json::serialize(content_json(input, question_.number)) + "\n");
  said.unknown = input.asked.notes.places;
  return said;
}

// Without `alt=sse` it is one array that grows.
answer gemini_call::stream() const {
  const auto read = read_gemini(question_.what.body, call_);
  if (const auto* error = std::get_if<api_error>(&read)) return refuse(*error);
  const auto& input = std::get<gemini_input>(read);
  answer said;
  said.unknown = input.asked.notes.places;
  event_stream made = content_stream(input, question_.number);
  made.is_list = query_value(question_.what, "alt") != "sse";
  append_field(said.fields, "Content-Type", made.is_list ? "application/json; charset=UTF-8" : "text/event-stream");
  said.framing = fault::body_framing::chunked;
  said.stream = std::move(made);
  return said;
}

answer gemini_call::count() const {
  const auto read = read_gemini_count(question_.what.body, call_);
  if (const auto* error = std::get_if<api_error>(&read)) return refuse(*error);
  const dialogue& asked = std::get<gemini_input>(read).asked;
  const std::uint64_t tokens = asked.prompt_tokens;
  json::array details;
  details.push_back(json::object{{"modality", "TEXT"}, {"tokenCount", tokens}});
  answer said =
      json_answer(json::serialize(json::object{{"totalTokens", tokens}, {"promptTokensDetails", details}}) + "\n");
  said.unknown = asked.notes.places;
  return said;
}

answer gemini_call::embed() const {
  field_notes notes{.rule = call_.others};
  const auto& read = *call_.operation == api_operation::embed ? embed_content : batch_embed_contents;
  const auto made = read(question_.what.body, call_.model, notes);
  if (const auto* error = std::get_if<api_error>(&made)) return refuse(*error);
  answer said = json_answer(std::get<std::string>(made));
  said.unknown = std::move(notes.places);
  return said;
}

// The token of the next page is the number of the model that it begins with.
answer gemini_call::list_models() const {
  std::size_t begin = 0;
  const auto token = query_value(question_.what, "pageToken");
  std::from_chars(token.data(), token.data() + token.size(), begin);
  const model_page page = page_of(gemini_models.size(), begin, query_value(question_.what, "pageSize"));
  json::array list;
  for (std::size_t i = page.begin; i < page.end; ++i)
    list.push_back(gemini_model_json(gemini_models.at(i)));
  json::object body{{"models", std::move(list)}};
  if (page.end < gemini_models.size()) body["nextPageToken"] = std::to_string(page.end);
  return json_answer(json::serialize(body) + "\n");
}

}  // namespace

answer answer_gemini(const asked& question, const api_call& call) {
  return gemini_call(question, call).run();
}

}  // namespace warmwire::emulator

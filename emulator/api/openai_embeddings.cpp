// OpenAI's embeddings.
#include "emulator/api/openai_embeddings.hpp"

#include "emulator/api/embedding.hpp"
#include "emulator/api/openai_reading.hpp"
#include "emulator/api/tokens.hpp"

#include <array>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::size_t max_inputs = 2048;
constexpr std::uint64_t max_tokens = 8192;     ///< of one input
constexpr std::size_t max_floats = 4U << 20U;  ///< of one answer

constexpr std::array embeddings_fields{
    field{"model", anything},       field{"input", anything}, field{"dimensions", integer, 1, 3072},
    field{"encoding_format", text}, field{"user", text},
};

// A list of tokens: each costs one, and stands for itself.
void read_tokens(const json::array& tokens, embeddings_input& into) {
  std::string text;
  for (const json::value& each : tokens) {
    if (!is_integer(each)) reject_type("input", "an array of integers", each);
    text.append(text.empty() ? "" : " ").append(json::serialize(each));
  }
  if (tokens.size() > max_tokens) reject_value("input", "Invalid 'input': more than 8192 tokens.");
  into.tokens += tokens.size();
  into.texts.push_back(std::move(text));
}

void read_text(const json::string& given, embeddings_input& into) {
  const std::uint64_t tokens = count_tokens(view(given));
  if (given.empty()) reject_value("input", "Invalid 'input': an empty string.");
  if (tokens > max_tokens) {
    reject({.message = "This model's maximum context length is 8192 tokens, however you requested " +
                       std::to_string(tokens) + " tokens.",
            .code = "context_length_exceeded"});
  }
  into.tokens += tokens;
  into.texts.emplace_back(view(given));
}

void read_input(const json::value& given, embeddings_input& into) {
  if (given.is_string()) {
    read_text(given.get_string(), into);
    return;
  }
  if (!given.is_array()) reject_type("input", "a string or an array", given);
  const json::array& list = given.get_array();
  if (list.empty()) {
    reject({.message = "Invalid 'input': an empty array.", .param = "input", .code = "empty_array"});
  }
  if (is_integer(list.front())) {
    read_tokens(list, into);
    return;
  }
  if (list.size() > max_inputs) {
    reject(
        {.message = "Invalid 'input': more than 2048 elements.", .param = "input", .code = "array_above_max_length"});
  }
  for (const json::value& each : list) {
    if (each.is_string()) {
      read_text(each.get_string(), into);
    } else if (each.is_array()) {
      read_tokens(each.get_array(), into);
    } else {
      reject_type("input", "a string or an array of integers", each);
    }
  }
}

embeddings_input read_embeddings_object(const json::object& body, const api_call& call) {
  embeddings_input input;
  input.model = call.model.empty() ? std::string(require_text(body, "model")) : std::string(call.model);
  input.notes.rule = call.others;
  check_openai_fields(body, embeddings_fields, input.notes);
  const json::value* given = find(body, "input");
  if (given == nullptr) reject_missing("input");
  read_input(*given, input);
  if (input.model.find("large") != std::string::npos) input.dimensions = 3072;
  if (const auto dimensions = find_count(body, "dimensions")) input.dimensions = static_cast<std::size_t>(*dimensions);
  if (input.dimensions * input.texts.size() > max_floats) {
    reject_value("input", "Invalid 'input': the emulator answers with at most 4194304 numbers.");
  }
  if (find(body, "encoding_format") != nullptr) {
    input.is_base64 = require_word(body, "encoding_format", {"float", "base64"}, input.notes) == "base64";
  }
  return input;
}

}  // namespace

std::variant<embeddings_input, api_error> read_embeddings(std::string_view body, const api_call& call) {
  return read_openai(body, [&call](const json::object& parsed) { return read_embeddings_object(parsed, call); });
}

std::string embeddings_body(const embeddings_input& input) {
  std::string out = R"({"object":"list","data":[)";
  std::size_t index = 0;
  for (const std::string& text : input.texts) {
    const auto values = embedding_of(text, input.dimensions);
    if (index > 0) out += ',';
    out.append(R"({"object":"embedding","index":)").append(std::to_string(index++)).append(R"(,"embedding":)");
    if (input.is_base64) {
      append_json_string(out, floats_as_base64(values));
    } else {
      out += floats_as_json(values);
    }
    out += '}';
  }
  out += R"(],"model":)";
  append_json_string(out, input.model);
  const std::string tokens = std::to_string(input.tokens);
  out.append(R"(,"usage":{"prompt_tokens":)").append(tokens).append(R"(,"total_tokens":)").append(tokens);
  return out += "}}\n";
}

}  // namespace warmwire::emulator

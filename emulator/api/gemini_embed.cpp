// Gemini's embedContent and batchEmbedContents.
#include "emulator/api/gemini_embed.hpp"

#include "emulator/api/embedding.hpp"
#include "emulator/api/gemini_input.hpp"
#include "emulator/api/gemini_reading.hpp"
#include "emulator/api/openai_reading.hpp"

#include <array>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::size_t max_requests = 100;

constexpr std::array embed_fields{
    field{"content", object},
    field{"model", text},
    field{"embedContentConfig", object},
    field{"outputDimensionality", integer, 1, 3072},
    field{"taskType", text},
    field{"title", text},
};

// {"values":[…]}
std::string embedding_json(const json::object& request, std::string_view model, const std::string& place,
                           field_notes& notes) {
  const auto* content = find_object(request, "content");
  if (content == nullptr) reject_argument(place + "content", "* EmbedContentRequest.content: content is not specified");
  const gemini_parts read = read_gemini_parts(camel_case(*content), place + "content", notes);
  const std::size_t usual = model.find("text-embedding") == model.npos ? 3072 : 768;
  const auto dimensions = find_count(request, "outputDimensionality").value_or(usual);
  std::string out = R"({"values":)";
  out += floats_as_json(embedding_of(read.text, static_cast<std::size_t>(dimensions)));
  return out += "}";
}

std::string read_one(const json::object& given, std::string_view model, field_notes& notes) {
  std::string out = R"({"embedding":)";
  out += embedding_json(checked_object(given, "", embed_fields, notes), model, "", notes);
  return out += "}\n";
}

std::string read_batch(const json::object& given, std::string_view model, field_notes& notes) {
  constexpr std::array known{field{"requests", array}, field{"model", text}};
  const json::object body = checked_object(given, "", known, notes);
  const auto* requests = find_array(body, "requests");
  if (requests == nullptr || requests->empty()) {
    reject_argument("requests", "* BatchEmbedContentsRequest.requests: requests is not specified");
  }
  if (requests->size() > max_requests) {
    reject_argument("requests", "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch");
  }
  std::string out = R"({"embeddings":[)";
  std::size_t index = 0;
  for (const json::value& each : *requests) {
    const std::string place = "requests[" + std::to_string(index) + "]";
    const json::object request = checked_object(element(each, place), place, embed_fields, notes);
    if (index++ > 0) out += ',';
    out += embedding_json(request, model, place + ".", notes);
  }
  return out += "]}\n";
}

}  // namespace

std::variant<std::string, api_error> embed_content(std::string_view body, std::string_view model, field_notes& notes) {
  return read_openai(body, [&](const json::object& parsed) { return read_one(parsed, model, notes); });
}

std::variant<std::string, api_error> batch_embed_contents(std::string_view body, std::string_view model,
                                                          field_notes& notes) {
  return read_openai(body, [&](const json::object& parsed) { return read_batch(parsed, model, notes); });
}

}  // namespace warmwire::emulator

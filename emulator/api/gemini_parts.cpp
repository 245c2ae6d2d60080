// The parts of a content in a request of Gemini's.
#include "emulator/api/gemini_input.hpp"
#include "emulator/api/gemini_reading.hpp"

#include <array>

namespace warmwire::emulator {
namespace {

using enum field_kind;

constexpr std::array part_fields{
    field{"text", text},
    field{"audioTranscription", anything},
    field{"codeExecutionResult", object},
    field{"executableCode", object},
    field{"fileData", object},
    field{"functionCall", object},
    field{"functionResponse", object},
    field{"inlineData", object},
    field{"mediaProcessing", anything},
    field{"mediaResolution", anything},
    field{"partMetadata", object},
    field{"speechMetadata", anything},
    field{"thought", boolean},
    field{"thoughtSignature", text},
    field{"toolCall", object},
    field{"toolResponse", object},
    field{"videoMetadata", object},
};

std::string required_name(const json::object& of, const std::string& place) {
  const auto name = find_text(of, "name");
  if (name.empty()) reject_argument(place, "* GenerateContentRequest." + place + ".name: name cannot be empty.");
  return std::string(name);
}

// {"output": "21 degrees"} says what its only text says; others say all of their JSON.
std::string result_text(const json::object& response) {
  for (const std::string_view name : {"output", "result", "error"}) {
    const auto text = find_text(response, name);
    if (!text.empty() && response.size() == 1) return std::string(text);
  }
  return json::serialize(response);
}

void read_part(const json::object& part, const std::string& place, gemini_parts& into) {
  if (const auto* call = find_object(part, "functionCall")) {
    into.calls.push_back(required_name(*call, place + ".function_call"));
  } else if (const auto* result = find_object(part, "functionResponse")) {
    const auto* response = find_object(*result, "response");
    into.results.push_back({required_name(*result, place + ".function_response"),
                            response == nullptr ? std::string() : result_text(*response)});
  } else if (find(part, "text") != nullptr) {
    into.text += find_text(part, "text");
  } else if (find(part, "inlineData") != nullptr || find(part, "fileData") != nullptr) {
    ++into.attachments;
  }
}

}  // namespace

gemini_parts read_gemini_parts(const json::object& content, const std::string& place, field_notes& notes) {
  gemini_parts read;
  const auto* parts = find_array(content, "parts");
  if (parts == nullptr || parts->empty()) {
    reject_argument(place + ".parts",
                    "* GenerateContentRequest." + place + ".parts: contents.parts must not be empty.");
  }
  std::size_t index = 0;
  for (const json::value& each : *parts) {
    const std::string where = place + ".parts[" + std::to_string(index++) + "]";
    read_part(checked_object(element(each, where), where, part_fields, notes), where, read);
  }
  return read;
}

}  // namespace warmwire::emulator

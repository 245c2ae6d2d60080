#include "providers/message_check.hpp"

#include "http/ascii.hpp"
#include "providers/json_document.hpp"
#include "providers/json_writer.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace warmwire::providers {
namespace {

std::string problem_of_extra(std::string_view extra) {
  if (extra.empty()) return {};
  const auto problem = problem_of_object(extra, "no JSON object; it must be one");
  return problem.empty() ? "" : "has an extra that is " + problem;
}

// What is wrong with a part; empty when nothing is.
std::string problem_of(const image_part& part, role in) {
  if (in != role::user) return "is an image; it must stand in a user's message";
  if (part.url.empty() == part.bytes.empty()) return "must have either a url or bytes";
  if (!text::is_utf8(part.url) || !text::is_utf8(part.detail)) return "is not UTF-8; it must be";
  const auto fits = [](char c) { return http::is_token_char(c) || c == '/'; };
  if (!std::all_of(part.media_type.begin(), part.media_type.end(), fits)) {
    return "has a media_type that is none; it must be such as image/png";
  }
  if (!part.bytes.empty() && part.media_type.empty())
    return "has bytes and no media_type; it must be such as image/png";
  return {};
}

std::string problem_of(const text_part& part, role in) {
  if (in == role::tool) return "is a text; a tool's message must hold results alone";
  if (!text::is_utf8(part.text) || !text::is_utf8(part.signature)) return "is not UTF-8; it must be";
  return problem_of_extra(part.extra);
}

std::string problem_of(const reasoning_part& part, role in) {
  if (in != role::assistant) return "is reasoning; it must stand in an assistant's message";
  const bool fits = text::is_utf8(part.text) && text::is_utf8(part.signature) && text::is_utf8(part.encrypted) &&
                    text::is_utf8(part.id);
  return fits ? problem_of_extra(part.extra) : "is not UTF-8; it must be";
}

std::string problem_of(const tool_call& part, role in) {
  if (in != role::assistant) return "is a tool call; it must stand in an assistant's message";
  if (part.name.empty()) return "is a tool call without a name";
  const bool fits = text::is_utf8(part.id) && text::is_utf8(part.name) && text::is_utf8(part.arguments) &&
                    text::is_utf8(part.signature);
  return fits ? problem_of_extra(part.extra) : "is not UTF-8; it must be";
}

std::string problem_of(const tool_result& part, role in) {
  if (in != role::user && in != role::tool) return "is a tool's result; it must stand in a tool's or a user's message";
  const bool fits = text::is_utf8(part.call_id) && text::is_utf8(part.content) && text::is_utf8(part.name);
  return fits ? "" : "is not UTF-8; it must be";
}

std::string problem_of(const provider_part& part, role /*in*/) {
  const auto problem = problem_of_object(part.json, "no JSON object; it must be one");
  return problem.empty() ? "" : "is a provider's part whose json is " + problem;
}

// What APIs that take arguments and results as JSON cannot be given.
std::string problem_for(wire_api api, const message_part& part, const std::vector<message>& messages) {
  const bool takes_objects = api == wire_api::anthropic || api == wire_api::gemini;
  if (const auto* call = std::get_if<tool_call>(&part); call != nullptr && takes_objects) {
    const auto problem =
        problem_of_object(json_arguments_of(*call), "no JSON object, which this provider does not take back");
    if (!problem.empty()) return "has arguments that are " + problem;
  }
  if (const auto* result = std::get_if<tool_result>(&part); result != nullptr && api == wire_api::gemini) {
    if (tool_name(messages, *result).empty()) return "is the result of a tool whose name is not known; set its name";
  }
  return {};
}

error wrong_message(std::size_t index, std::string_view rest) {
  std::string message = "messages[";
  return {.code = errc::invalid_option, .message = message.append(std::to_string(index)).append("]").append(rest)};
}

}  // namespace

result<void> check_messages(const std::vector<message>& messages, wire_api api) {
  if (messages.empty()) {
    return error{.code = errc::invalid_option, .message = "messages is empty; it must hold at least one message"};
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& each = messages[i];
    if (!text::is_utf8(each.content)) return wrong_message(i, ".content is not UTF-8; it must be");
    if (const auto problem = problem_of_extra(each.extra); !problem.empty()) return wrong_message(i, " " + problem);
    if (each.role == role::tool && (!each.content.empty() || each.parts.empty())) {
      return wrong_message(i, " is a tool's; it must hold results alone, see tool_answer");
    }
    for (std::size_t k = 0; k < each.parts.size(); ++k) {
      auto problem = std::visit([&](const auto& part) { return problem_of(part, each.role); }, each.parts[k]);
      if (problem.empty()) problem = problem_for(api, each.parts[k], messages);
      if (!problem.empty()) return wrong_message(i, ".parts[" + std::to_string(k) + "] " + problem);
    }
  }
  return {};
}

std::string json_arguments_of(const tool_call& call) {
  if (call.extra.empty()) return call.arguments.empty() ? "{}" : call.arguments;
  const json_document extra(call.extra);
  const bool is_text = extra.object() != nullptr && view_of(*extra.object(), "type").starts_with("custom");
  if (!is_text) return call.arguments.empty() ? "{}" : call.arguments;
  json_writer out;
  return out.begin_object().field("input", call.arguments).end_object().take();
}

std::string text_in(const message& from) {
  auto out = from.content;
  for (const auto* part : parts_in<text_part>(from))
    out += part->text;
  return out;
}

std::string system_text(const std::vector<message>& messages) {
  std::string out;
  for (const auto& each : messages) {
    if (each.role != role::system) continue;
    if (!out.empty()) out += "\n\n";
    out += text_in(each);
  }
  return out;
}

std::vector<std::vector<const message*>> turns_of(const std::vector<message>& messages) {
  std::vector<std::vector<const message*>> out;
  for (const auto& each : messages) {
    if (each.role == role::system) continue;
    const bool follows_results = !out.empty() && out.back().back()->role == role::tool;
    if (follows_results && each.role != role::assistant) {
      out.back().push_back(&each);
    } else {
      out.push_back({&each});
    }
  }
  return out;
}

std::string_view tool_name(const std::vector<message>& messages, const tool_result& result) {
  if (!result.name.empty()) return result.name;
  for (const auto& each : messages) {
    for (const auto* call : parts_in<tool_call>(each)) {
      if (call->id == result.call_id) return call->name;
    }
  }
  return {};
}

}  // namespace warmwire::providers

#include "providers/gemini.hpp"

#include "providers/extra_fields.hpp"
#include "providers/json_document.hpp"
#include "providers/made_up_id.hpp"
#include "providers/message_check.hpp"
#include "providers/provider_config.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace warmwire::providers {
namespace {

// One overload for each kind of part.
struct part_writer {
  json_writer& to;
  const chat_request& chat;
  const message& from;
  std::string_view asked;

  void operator()(const text_part& part) const {
    const auto signature = own(part.signature);
    if (part.text.empty() && signature.empty()) return;
    to.begin_object().field("text", part.text);
    end(signature, part.extra, {"text", "thoughtSignature"});
  }

  void operator()(const image_part& part) const {
    to.begin_object();
    if (part.bytes.empty()) {
      to.key("fileData").begin_object();
      if (!part.media_type.empty()) to.field("mimeType", part.media_type);
      to.field("fileUri", part.url);
    } else {
      to.key("inlineData").begin_object().field("mimeType", part.media_type).key("data").base64("", part.bytes);
    }
    to.end_object().end_object();
  }

  // Thoughts of others would be taken for its own.
  void operator()(const reasoning_part& part) const {
    if (from.maker != asked) return;
    to.begin_object().field("text", part.text).field("thought", true);
    end(part.signature, part.extra, {"text", "thought", "thoughtSignature"});
  }

  void operator()(const tool_call& part) const {
    const extra_fields extra(own(part.extra));
    const auto* of_call = object_in(extra.all(), "functionCall");
    to.begin_object().key("functionCall").begin_object();
    if (!is_made_up(part.id)) to.field("id", part.id);
    to.field("name", part.name);
    const bool takes_nothing = part.arguments.empty() || part.arguments == "{}";
    if (takes_nothing && from.maker == asked) {
      // Its own call goes back with the arguments that it came with, be they none.
      extra_fields::write_fields(to, of_call, {});
    } else {
      to.key("args").raw(json_arguments_of(part));
      extra_fields::write_fields(to, of_call, {"args"});
    }
    to.end_object();
    end(own(part.signature), own(part.extra), {"functionCall", "thoughtSignature"});
  }

  void operator()(const tool_result& part) const {
    to.begin_object().key("functionResponse").begin_object();
    if (!is_made_up(part.call_id)) to.field("id", part.call_id);
    to.field("name", tool_name(chat.messages, part)).key("response");
    if (!part.is_error && is_json_object(part.content)) {
      to.raw(part.content);
    } else {
      to.begin_object().field(part.is_error ? "error" : "output", part.content).end_object();
    }
    to.end_object().end_object();
  }

  void operator()(const provider_part& part) const {
    if (is_for(from, asked)) to.raw(part.json);
  }

 private:
  [[nodiscard]] std::string_view own(std::string_view what) const {
    return is_for(from, asked) ? what : std::string_view();
  }

  void end(std::string_view signature, std::string_view extra, field_names written) const {
    if (!signature.empty()) to.field("thoughtSignature", signature);
    if (const auto fields = own(extra); !fields.empty()) extra_fields(fields).write(to, written);
    to.end_object();
  }
};

// Of a message that another provider made nothing may be left; one that is empty is refused.
bool has_nothing_for_gemini(const message& from, std::string_view asked) {
  if (is_for(from, asked) || from.parts.empty() || !from.content.empty()) return false;
  return std::all_of(from.parts.begin(), from.parts.end(), [](const message_part& each) {
    const auto* text = std::get_if<text_part>(&each);
    if (text != nullptr) return text->text.empty();
    return std::holds_alternative<reasoning_part>(each) || std::holds_alternative<provider_part>(each);
  });
}

void write_gemini_turn(json_writer& to, const chat_request& chat, const std::vector<const message*>& turn,
                       std::string_view asked) {
  to.begin_object().field("role", turn.front()->role == role::assistant ? "model" : "user").key("parts").begin_array();
  for (const auto* each : turn) {
    const part_writer writer{.to = to, .chat = chat, .from = *each, .asked = asked};
    if (each->parts.empty() && each->content.empty()) {
      to.begin_object().field("text", "").end_object();
    } else {
      writer(text_part{.text = each->content, .extra = each->extra});
    }
    for (const auto& part : each->parts)
      std::visit(writer, part);
  }
  to.end_array().end_object();
}

void write_contents(json_writer& to, const chat_request& chat, std::string_view asked) {
  to.key("contents").begin_array();
  for (const auto& turn : turns_of(chat.messages)) {
    if (turn.size() > 1 || !has_nothing_for_gemini(*turn.front(), asked)) write_gemini_turn(to, chat, turn, asked);
  }
  to.end_array();
}

void write_system(json_writer& to, const chat_request& chat) {
  const auto system = system_text(chat.messages);
  if (system.empty()) return;
  to.key("systemInstruction").begin_object().key("parts").begin_array();
  to.begin_object().field("text", system).end_object().end_array().end_object();
}

void write_gemini_tools(json_writer& to, const chat_request& chat) {
  if (chat.tools.empty()) return;
  to.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
  for (const auto& each : chat.tools) {
    to.begin_object().field("name", each.name);
    if (!each.description.empty()) to.field("description", each.description);
    if (!each.parameters.empty()) to.key("parametersJsonSchema").raw(each.parameters);
    to.end_object();
  }
  to.end_array().end_object().end_array();
}

void write_gemini_tool_choice(json_writer& to, const tool_choice& choice) {
  const bool may = choice.mode == tool_choice::kind::automatic;
  const bool must_not = choice.mode == tool_choice::kind::none;
  to.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  to.field("mode", may ? "AUTO" : must_not ? "NONE" : "ANY");
  if (!choice.name.empty()) to.key("allowedFunctionNames").begin_array().value(choice.name).end_array();
  to.end_object().end_object();
}

// Older models take a number of tokens, later ones a level. The numbers are those of Google's own endpoint that is
// compatible with OpenAI's.
void write_effort(json_writer& to, reasoning_effort effort, std::string_view model) {
  const bool takes_budget = model.find("gemini-2") != std::string_view::npos;
  switch (effort) {
    case reasoning_effort::none:
      to.field("thinkingBudget", std::int64_t{0});
      return;
    case reasoning_effort::minimal:
    case reasoning_effort::low:
      if (takes_budget) {
        to.field("thinkingBudget", std::int64_t{1024});
      } else {
        to.field("thinkingLevel", to_string(effort));
      }
      return;
    case reasoning_effort::medium:
      if (takes_budget) {
        to.field("thinkingBudget", std::int64_t{8192});
      } else {
        to.field("thinkingLevel", "medium");
      }
      return;
    default:
      if (takes_budget) {
        to.field("thinkingBudget", std::int64_t{24'576});
      } else {
        to.field("thinkingLevel", "high");
      }
  }
}

void write_config(json_writer& to, const chat_request& chat, std::string_view model) {
  const bool thinks = chat.reasoning_effort || chat.show_reasoning;
  if (!chat.temperature && !chat.top_p && !chat.max_tokens && chat.stop.empty() && !chat.seed && !chat.output &&
      !thinks) {
    return;
  }
  to.key("generationConfig").begin_object();
  if (chat.temperature) to.field("temperature", *chat.temperature);
  if (chat.top_p) to.field("topP", *chat.top_p);
  if (chat.max_tokens) to.field("maxOutputTokens", *chat.max_tokens);
  if (!chat.stop.empty()) {
    to.key("stopSequences").begin_array();
    for (const auto& each : chat.stop)
      to.value(each);
    to.end_array();
  }
  if (chat.seed) to.field("seed", *chat.seed);
  if (chat.output) {
    to.field("responseMimeType", "application/json");
    if (!chat.output->schema.empty()) to.key("responseJsonSchema").raw(chat.output->schema);
  }
  if (thinks) {
    to.key("thinkingConfig").begin_object();
    if (chat.reasoning_effort) write_effort(to, *chat.reasoning_effort, model);
    if (chat.show_reasoning) to.field("includeThoughts", true);
    to.end_object();
  }
  to.end_object();
}

}  // namespace

std::string gemini_model(std::string_view model) {
  if (model.find('/') != std::string_view::npos) return std::string(model);
  std::string out = "models/";
  return out.append(model);
}

std::string gemini_path(std::string_view model, std::string_view call) {
  const auto name = gemini_model(model);
  const auto slash = name.find('/');
  std::string out = "/v1beta/";
  out.append(escaped_for_path(name.substr(0, slash))).append("/").append(escaped_for_path(name.substr(slash + 1)));
  return out.append(":").append(call);
}

void write_gemini(json_writer& to, const provider_config& config, std::string_view model, const chat_request& chat) {
  write_contents(to, chat, maker_of(config));
  write_system(to, chat);
  write_gemini_tools(to, chat);
  if (chat.tool_choice) write_gemini_tool_choice(to, *chat.tool_choice);
  write_config(to, chat, model);
}

// The contents alone, or, where there is more to count, the whole request that would be sent.
result<std::string> gemini_count_body(const provider_config& config, std::string_view model, const chat_request& chat) {
  json_writer out;
  out.begin_object();
  if (system_text(chat.messages).empty() && chat.tools.empty() && chat.extra_json.empty()) {
    write_contents(out, chat, maker_of(config));
    return out.end_object().take();
  }
  out.field("model", gemini_model(model));
  write_gemini(out, config, model, chat);
  const auto counted = with_extra(out.end_object().take(), chat.extra_json);
  if (!counted) return counted.error();
  json_writer whole;
  return whole.begin_object().key("generateContentRequest").raw(*counted).end_object().take();
}

}  // namespace warmwire::providers

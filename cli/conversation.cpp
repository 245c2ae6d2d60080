#include "cli/conversation.hpp"

#include "cli/command.hpp"
#include "cli/json_fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <utility>

namespace warmwire::cli {
namespace {

namespace json = boost::json;

/// Where a conversation's images are, and which of them may be read.
struct image_place {
  const std::string& folder;
  image_access access;
};

image_part read_image(json_fields& from, const image_place& images) {
  image_part out{.url = from.text("url"), .media_type = from.text("media_type"), .detail = from.text("detail")};
  const auto file = from.text("file");
  if (file.empty() == out.url.empty()) from.fail("needs either 'url' or 'file'");
  if (file.empty()) return out;
  auto read = read_image_file(images.folder, file, images.access);
  out.bytes = std::move(read.bytes);
  if (out.media_type.empty()) out.media_type = std::move(read.media_type);
  return out;
}

message_part read_part(json_fields from, const image_place& images) {
  const auto type = from.required_text("type");
  message_part out;
  if (type == "text") {
    out = text_part{.text = from.required_text("text")};
  } else if (type == "image") {
    out = read_image(from, images);
  } else if (type == "tool_call") {
    out = tool_call{
        .id = from.required_text("id"), .name = from.required_text("name"), .arguments = from.json_text("arguments")};
  } else if (type == "tool_result") {
    out = tool_result{.call_id = from.required_text("id"),
                      .content = from.required_text("content"),
                      .is_error = from.flag("is_error").value_or(false)};
  } else {
    from.fail("has the type '" + type + "'; there are text, image, tool_call and tool_result");
  }
  from.expect_no_more();
  return out;
}

message read_message(json_fields from, const image_place& images) {
  constexpr std::array roles{role::system, role::user, role::assistant, role::tool};
  message out{.role = from.one_of("role", roles).value_or(role::user)};
  if (from.is_array("content")) {
    const auto& parts = *from.array("content");
    for (std::size_t i = 0; i < parts.size(); ++i)
      out.parts.push_back(read_part(from.item("content", parts, i), images));
  } else {
    out.content = from.required_text("content");
  }
  from.expect_no_more();
  return out;
}

tool read_tool(json_fields from) {
  tool out{.name = from.required_text("name"),
           .description = from.text("description"),
           .parameters = from.json_text("parameters"),
           .strict = from.flag("strict")};
  from.expect_no_more();
  return out;
}

tool_choice read_tool_choice(const std::string& word) {
  using kind = tool_choice::kind;
  if (word == "auto") return {kind::automatic};
  if (word == "none") return {kind::none};
  if (word == "required") return {kind::required};
  return {kind::named, word};
}

void read_options(json_fields& from, chat_request& into) {
  using enum reasoning_effort;
  constexpr std::array efforts{none, minimal, low, medium, high, xhigh, max};
  into.model = from.text("model");
  into.temperature = from.number("temperature");
  into.top_p = from.number("top_p");
  into.max_tokens = from.whole_number("max_tokens");
  into.seed = from.whole_number("seed");
  into.reasoning_effort = from.one_of("reasoning_effort", efforts);
  into.extra_json = from.json_text("extra");
  if (auto schema = from.json_text("schema"); !schema.empty()) into.output = json_output{.schema = std::move(schema)};
  if (const auto choice = from.text("tool_choice"); !choice.empty()) into.tool_choice = read_tool_choice(choice);
  if (const auto* list = from.array("stop")) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (!(*list)[i].is_string()) from.fail("has a 'stop' that is no array of strings");
      into.stop.emplace_back((*list)[i].get_string());
    }
  }
  if (const auto* list = from.array("tools")) {
    for (std::size_t i = 0; i < list->size(); ++i)
      into.tools.push_back(read_tool(from.item("tools", *list, i)));
  }
}

}  // namespace

const std::string_view conversation_help =
    "A conversation is a JSON array of messages, or an object with them and with options:\n"
    "  {\"model\": \"anthropic/claude-sonnet-5-5\", \"max_tokens\": 500, \"messages\": [\n"
    "    {\"role\": \"system\", \"content\": \"Be brief.\"},\n"
    "    {\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"What is this?\"},\n"
    "                                 {\"type\": \"image\", \"file\": \"cat.png\"}]}]}\n"
    "Options: model, temperature, top_p, max_tokens, stop, seed, reasoning_effort, tools (name, description,\n"
    "parameters, strict), tool_choice (auto, none, required or a name), schema (of a JSON answer), extra (raw "
    "fields).\n"
    "Parts: text (text), image (url, or file below this one's folder, and media_type), tool_call (id, name, "
    "arguments), tool_result (id,\n"
    "content, is_error). Roles: system, user, assistant, tool. What the command line says wins over the file.\n";

chat_request parse_conversation(std::string_view text, const std::string& folder, image_access access) {
  json::error_code problem;
  json::value whole = json::parse(text, problem);
  if (problem) throw usage_error("it is not JSON: " + problem.message());
  if (whole.is_array()) {
    auto messages = std::move(whole.get_array());
    whole = json::object{{"messages", std::move(messages)}};
  }
  json_fields from("the conversation", whole);
  chat_request out;
  read_options(from, out);
  const auto* messages = from.array("messages");
  if (messages == nullptr || messages->empty()) from.fail("has no 'messages', or an empty array of them");
  for (std::size_t i = 0; i < messages->size(); ++i)
    out.messages.push_back(read_message(from.item("messages", *messages, i), {.folder = folder, .access = access}));
  from.expect_no_more();
  return out;
}

chat_request read_conversation(const std::string& path, image_access access) {
  try {
    return parse_conversation(read_whole_file(path), std::filesystem::path(path).parent_path().string(), access);
  } catch (const usage_error& wrong) {
    throw usage_error("--conversation " + path + ": " + wrong.what());
  }
}

}  // namespace warmwire::cli

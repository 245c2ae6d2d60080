// Each option of a chat with each API: where it is sent, that it is refused, or that it is a hint which may be left
// out, as its comment in chat.hpp or message.hpp says. Nothing else is dropped.
#include "tests/unit/providers/fixture.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace warmwire::providers::option_table_test {
namespace {

using testing::ask;
using testing::config_of;
using testing::parsed;
using testing::refusal_of;
using testing::sent;

struct cell {
  enum class kind : std::uint8_t { sent, refused, hint };
  kind what = kind::sent;
  std::string pointer{};  // RFC 6901, where it is sent
  std::string json{};     // what stands there
};

cell at(std::string pointer, std::string json) {
  return {cell::kind::sent, std::move(pointer), std::move(json)};
}

const cell refused{cell::kind::refused};
const cell hint{cell::kind::hint};

struct row {
  std::string option;  // as errors name it
  void (*prepare)(chat_request&);
  void (*set)(chat_request&);
  std::array<cell, 4> cells;  // Chat Completions, Responses, Anthropic, Gemini
};

void nothing(chat_request& /*chat*/) {}

void with_tool(chat_request& chat) {
  chat.tools = {{.name = "f"}};
}

void with_schema(chat_request& chat) {
  chat.output = json_output{.schema = R"({"type":"object"})"};
}

void with_image(chat_request& chat) {
  chat.messages[0].parts = {image_part{.url = "https://a.test/b.png"}};
}

void with_call(chat_request& chat) {
  message asked{role::assistant};
  asked.parts = {text_part{.text = "I look."}, reasoning_part{.text = "Hm."},
                 tool_call{.id = "c", .name = "f", .arguments = "{}"}};
  chat.messages.push_back(asked);
  message answered{role::tool};
  answered.parts = {tool_result{.call_id = "c", .content = "no"}};
  chat.messages.push_back(answered);
}

template <class Part>
Part& part_of(chat_request& chat) {
  for (auto& message : chat.messages) {
    for (auto& part : message.parts) {
      if (auto* found = std::get_if<Part>(&part)) return *found;
    }
  }
  throw std::logic_error("the conversation has no such part");
}

std::vector<row> numbers_and_texts() {
  return {
      {"model",
       nothing,
       [](chat_request& chat) { chat.model = "m"; },
       {at("/model", R"("m")"), at("/model", R"("m")"), at("/model", R"("m")"), hint}},  // in Gemini's URL, see below
      {"temperature",
       nothing,
       [](chat_request& chat) { chat.temperature = 0.5; },
       {at("/temperature", "0.5"), at("/temperature", "0.5"), at("/temperature", "0.5"),
        at("/generationConfig/temperature", "0.5")}},
      {"top_p",
       nothing,
       [](chat_request& chat) { chat.top_p = 0.5; },
       {at("/top_p", "0.5"), at("/top_p", "0.5"), at("/top_p", "0.5"), at("/generationConfig/topP", "0.5")}},
      {"max_tokens",
       nothing,
       [](chat_request& chat) { chat.max_tokens = 99; },
       {at("/max_completion_tokens", "99"), at("/max_output_tokens", "99"), at("/max_tokens", "99"),
        at("/generationConfig/maxOutputTokens", "99")}},
      {"stop",
       nothing,
       [](chat_request& chat) { chat.stop = {"x"}; },
       {at("/stop", R"(["x"])"), refused, at("/stop_sequences", R"(["x"])"),
        at("/generationConfig/stopSequences", R"(["x"])")}},
      {"seed",
       nothing,
       [](chat_request& chat) { chat.seed = 7; },
       {at("/seed", "7"), refused, refused, at("/generationConfig/seed", "7")}},
      {"reasoning_effort",
       nothing,
       [](chat_request& chat) { chat.reasoning_effort = reasoning_effort::low; },
       {at("/reasoning_effort", R"("low")"), at("/reasoning/effort", R"("low")"),
        at("/thinking", R"({"type":"adaptive"})"), at("/generationConfig/thinkingConfig/thinkingBudget", "1024")}},
      {"show_reasoning",
       nothing,
       [](chat_request& chat) { chat.show_reasoning = true; },
       {refused, at("/reasoning/summary", R"("auto")"),
        at("/thinking", R"({"type":"adaptive","display":"summarized"})"),
        at("/generationConfig/thinkingConfig/includeThoughts", "true")}},
      {"extra_json",
       nothing,
       [](chat_request& chat) { chat.extra_json = R"({"x":{"y":1}})"; },
       {at("/x", R"({"y":1})"), at("/x", R"({"y":1})"), at("/x", R"({"y":1})"), at("/x", R"({"y":1})")}},
  };
}

std::vector<row> tools_and_output() {
  return {
      {"tools[0].name",
       nothing,
       with_tool,
       {at("/tools/0/function/name", R"("f")"), at("/tools/0/name", R"("f")"), at("/tools/0/name", R"("f")"),
        at("/tools/0/functionDeclarations/0/name", R"("f")")}},
      {"tools[0].description",
       with_tool,
       [](chat_request& chat) { chat.tools[0].description = "d"; },
       {at("/tools/0/function/description", R"("d")"), at("/tools/0/description", R"("d")"),
        at("/tools/0/description", R"("d")"), at("/tools/0/functionDeclarations/0/description", R"("d")")}},
      {"tools[0].parameters",
       with_tool,
       [](chat_request& chat) { chat.tools[0].parameters = R"({"x":1})"; },
       {at("/tools/0/function/parameters", R"({"x":1})"), at("/tools/0/parameters", R"({"x":1})"),
        at("/tools/0/input_schema", R"({"x":1})"),
        at("/tools/0/functionDeclarations/0/parametersJsonSchema", R"({"x":1})")}},
      {"tools[0].strict",
       with_tool,
       [](chat_request& chat) { chat.tools[0].strict = true; },
       {at("/tools/0/function/strict", "true"), at("/tools/0/strict", "true"), at("/tools/0/strict", "true"), refused}},
      {"tools[0].strict",
       with_tool,
       [](chat_request& chat) { chat.tools[0].strict = false; },
       {at("/tools/0/function/strict", "false"), at("/tools/0/strict", "false"), at("/tools/0/strict", "false"), hint}},
      {"tool_choice",
       with_tool,
       [](chat_request& chat) { chat.tool_choice = tool_choice{.mode = tool_choice::kind::required}; },
       {at("/tool_choice", R"("required")"), at("/tool_choice", R"("required")"),
        at("/tool_choice", R"({"type":"any"})"), at("/toolConfig/functionCallingConfig/mode", R"("ANY")")}},
      {"parallel_tool_calls",
       with_tool,
       [](chat_request& chat) { chat.parallel_tool_calls = false; },
       {at("/parallel_tool_calls", "false"), at("/parallel_tool_calls", "false"),
        at("/tool_choice", R"({"type":"auto","disable_parallel_tool_use":true})"), refused}},
      {"output without a schema",
       nothing,
       [](chat_request& chat) { chat.output = json_output{}; },
       {at("/response_format", R"({"type":"json_object"})"), at("/text/format", R"({"type":"json_object"})"), refused,
        at("/generationConfig/responseMimeType", R"("application/json")")}},
      {"output.schema",
       nothing,
       with_schema,
       {at("/response_format/json_schema/schema", R"({"type":"object"})"),
        at("/text/format/schema", R"({"type":"object"})"), at("/output_config/format/schema", R"({"type":"object"})"),
        at("/generationConfig/responseJsonSchema", R"({"type":"object"})")}},
      {"output.name",
       with_schema,
       [](chat_request& chat) { chat.output->name = "n"; },
       {at("/response_format/json_schema/name", R"("n")"), at("/text/format/name", R"("n")"), hint, hint}},
      {"output.description",
       with_schema,
       [](chat_request& chat) { chat.output->description = "d"; },
       {at("/response_format/json_schema/description", R"("d")"), at("/text/format/description", R"("d")"), refused,
        refused}},
      {"output.strict",
       with_schema,
       [](chat_request& chat) { chat.output->strict = false; },
       {at("/response_format/json_schema/strict", "false"), at("/text/format/strict", "false"), hint, hint}},
  };
}

std::vector<row> parts() {
  return {
      {"image_part::url",
       nothing,
       with_image,
       {at("/messages/0/content/1/image_url/url", R"("https://a.test/b.png")"),
        at("/input/0/content/1/image_url", R"("https://a.test/b.png")"),
        at("/messages/0/content/1/source/url", R"("https://a.test/b.png")"),
        at("/contents/0/parts/1/fileData/fileUri", R"("https://a.test/b.png")")}},
      {"image_part::media_type",
       with_image,
       [](chat_request& chat) { part_of<image_part>(chat).media_type = "image/png"; },
       {hint, hint, hint, at("/contents/0/parts/1/fileData/mimeType", R"("image/png")")}},
      {"image_part::detail",
       with_image,
       [](chat_request& chat) { part_of<image_part>(chat).detail = "low"; },
       {at("/messages/0/content/1/image_url/detail", R"("low")"), at("/input/0/content/1/detail", R"("low")"), hint,
        hint}},
      {"text_part::signature",
       with_call,
       [](chat_request& chat) { part_of<text_part>(chat).signature = "s"; },
       {hint, hint, hint, at("/contents/1/parts/0/thoughtSignature", R"("s")")}},
      {"tool_call::signature",
       with_call,
       [](chat_request& chat) { part_of<tool_call>(chat).signature = "s"; },
       {hint, hint, hint, at("/contents/1/parts/1/thoughtSignature", R"("s")")}},
      {"reasoning_part::signature",
       with_call,
       [](chat_request& chat) { part_of<reasoning_part>(chat).signature = "s"; },
       {hint, hint, at("/messages/1/content/1", R"({"type":"thinking","thinking":"Hm.","signature":"s"})"), hint}},
      {"tool_result::is_error",
       with_call,
       [](chat_request& chat) { part_of<tool_result>(chat).is_error = true; },
       {hint, hint, at("/messages/2/content/0/is_error", "true"),
        at("/contents/2/parts/0/functionResponse/response", R"({"error":"no"})")}},
      {"tool_result::name",
       with_call,
       [](chat_request& chat) { part_of<tool_result>(chat).name = "g"; },
       {hint, hint, hint, at("/contents/2/parts/0/functionResponse/name", R"("g")")}},
  };
}

void expect_sent(const cell& where, const std::string& body) {
  const auto root = parsed(body);
  boost::json::error_code missing;
  const auto* found = root.find_pointer(where.pointer, missing);
  ASSERT_NE(found, nullptr) << where.pointer << " of " << body;
  EXPECT_EQ(*found, parsed(where.json)) << where.pointer << " of " << body;
}

void expect_cell(const row& option, const cell& expected, const provider_config& config) {
  SCOPED_TRACE(option.option + " with " + std::string(to_string(config.api)));
  auto chat = ask("a");
  option.prepare(chat);
  const auto before = sent(config, chat);
  option.set(chat);
  switch (expected.what) {
    case cell::kind::sent:
      return expect_sent(expected, sent(config, chat));
    case cell::kind::hint:
      EXPECT_EQ(sent(config, chat), before);
      return;
    case cell::kind::refused:
      EXPECT_EQ(refusal_of(config, chat), option.option + " is set, and " + std::string(to_string(config.api)) +
                                              " does not have it; leave it out");
      return;
  }
}

void expect_rows(const std::vector<row>& rows) {
  const std::array configs{config_of("openai"), config_of("openai", openai_api::responses), config_of("anthropic"),
                           config_of("google")};
  for (const auto& each : rows) {
    for (std::size_t i = 0; i < configs.size(); ++i)
      expect_cell(each, each.cells[i], configs[i]);
  }
}

TEST(option_table, sends_or_refuses_numbers_and_texts) {
  expect_rows(numbers_and_texts());
}

TEST(option_table, sends_or_refuses_what_is_said_of_tools_and_of_the_output) {
  expect_rows(tools_and_output());
}

TEST(option_table, sends_what_parts_hold_or_leaves_out_hints) {
  expect_rows(parts());
}

TEST(option_table, refuses_the_description_of_a_schema_that_is_not_there) {
  auto chat = ask("a");
  chat.output = json_output{.description = "d"};
  for (const auto api : {openai_api::chat_completions, openai_api::responses})
    EXPECT_EQ(refusal_of(config_of("openai", api), chat),
              "output.description is set without output.schema, which it describes");
}

// The rest is no field of a body.
TEST(option_table, carries_the_deadline_and_the_tag_and_geminis_model_beside_the_body) {
  auto chat = ask("a");
  chat.model = "m";
  chat.timeout = std::chrono::seconds(5);
  chat.tag = "t";
  for (const auto* provider : {"openai", "anthropic", "google"}) {
    const auto made = encode_chat(config_of(provider), chat, delivery::whole);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->timeout, std::chrono::seconds(5));
    EXPECT_EQ(made->tag, "t");
  }
  EXPECT_NE(encode_chat(config_of("google"), chat, delivery::whole)->url.find("/models/m:"), std::string::npos);
}

// A new field does not compile here: it needs its rows above.
TEST(option_table, knows_all_options) {
  const chat_request chat;
  [[maybe_unused]] const auto& [model, messages, temperature, top_p, max_tokens, stop, seed, tools, tool_choice,
                                parallel_tool_calls, output, reasoning_effort, show_reasoning, extra_json, max_retries,
                                timeout, tag, keep_raw_body] = chat;
  [[maybe_unused]] const auto& [tool_name, tool_description, tool_parameters, tool_strict] = tool{};
  [[maybe_unused]] const auto& [output_schema, output_name, output_description, output_strict] = json_output{};
  [[maybe_unused]] const auto& [image_url, image_bytes, image_type, image_detail] = image_part{};
  [[maybe_unused]] const auto& [result_id, result_content, result_name, result_is_error] = tool_result{};
  EXPECT_FALSE(show_reasoning);
}

}  // namespace
}  // namespace warmwire::providers::option_table_test

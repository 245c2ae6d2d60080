// The shapes of what coding agents send, as `./dev agents` shows them, in a few words of our own. A strict emulator
// takes all of them, and their tools can be called.
#include "tests/unit/emulator/api/api_calls.hpp"

#include <gmock/gmock.h>

#include <string>

namespace warmwire::emulator::agent_requests_test {
namespace {

using testing::answer_to;
using testing::events_of;
using ::testing::IsEmpty;
using testing::json_of;
using testing::success_of;
using testing::text_at;

// --- Claude Code ---

constexpr auto claude_path = "/v1/messages?beta=true";

std::string claude_body(const std::string& conversation) {
  return R"({"model":"claude-opus-4-8","messages":[)" + conversation + R"(],
    "system":[{"type":"text","text":"x-billing: cli"},
              {"type":"text","text":"Be an agent.","cache_control":{"type":"ephemeral"}}],
    "tools":[{"name":"Read","description":"Reads.","eager_input_streaming":true,"input_schema":{"type":"object",
       "properties":{"file_path":{"type":"string"}},"required":["file_path"]}}],
    "metadata":{"user_id":"{}"},"max_tokens":64000,"thinking":{"type":"adaptive"},
    "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
    "output_config":{"effort":"high"}})";
}

const std::string claude_turn = R"({"role":"user","content":[{"type":"text","text":"<system-reminder>"},
    {"type":"text","text":"Read {\"file_path\":\"note.txt\"}","cache_control":{"type":"ephemeral"}}]},
    {"role":"system","content":"Kinds of agents: none."})";

TEST(agent_requests, claude_code_may_put_the_system_into_the_conversation) {
  const answer said = answer_to(claude_path, claude_body(claude_turn));
  EXPECT_EQ(said.status, 200U) << said.body;
  EXPECT_THAT(said.unknown, IsEmpty());
  EXPECT_EQ(text_at(json_of(said), "/content/1/name"), "Read");
  EXPECT_EQ(text_at(json_of(said), "/content/1/input/file_path"), "note.txt");
}

TEST(agent_requests, claude_code_may_put_it_behind_a_tools_result) {
  const std::string answered = claude_turn + R"(,{"role":"assistant","content":[
      {"type":"thinking","thinking":"Hm.","signature":"c2ln"},
      {"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"note.txt"}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"halcyon"}]},
    {"role":"system","content":[{"type":"text","text":"Go on."}]})";
  const auto said = success_of(claude_path, claude_body(answered));
  EXPECT_EQ(text_at(said, "/content/1/text"), "Read said: halcyon");
}

TEST(agent_requests, a_system_message_counts_and_needs_a_content_or_a_configuration) {
  const std::string user = R"({"role":"user","content":"x"})";
  const auto tokens = [&](const std::string& more) {
    return success_of("/v1/messages/count_tokens?beta=true", claude_body(user + more))
        .at("input_tokens")
        .to_number<int>();
  };
  EXPECT_EQ(tokens(R"(,{"role":"system","content":"one two"})"), tokens("") + 5);
  EXPECT_EQ(tokens(R"(,{"role":"system","output_config":{"effort":"low"}})"), tokens(""));
  EXPECT_EQ(answer_to(claude_path, claude_body(user + R"(,{"role":"system"})")).status, 400U);
}

// --- Codex ---

constexpr auto codex_path = "/v1/responses";

// Its tools come in an item, those that take text among them.
std::string codex_body(const std::string& more, const std::string& fields = "") {
  return R"({"model":"gpt-6.2-sol","input":[{"type":"additional_tools","id":"at_1","role":"developer","tools":[
      {"type":"namespace","name":"functions","description":"","tools":[
        {"type":"custom","name":"exec","description":"Runs.","format":{"type":"grammar","syntax":"lark","definition":"s"}},
        {"type":"function","name":"wait","strict":false,"parameters":{"type":"object","properties":{}}}]}]},
    {"type":"message","id":"msg_1","role":"developer","content":[{"type":"input_text","text":"Be an agent."}]},
    {"type":"message","id":"msg_2","role":"user","content":[{"type":"input_text","text":"exec text 1 + 1"}]
})" + more +
         R"(],"tool_choice":"auto","parallel_tool_calls":false,"reasoning":{"effort":"low","context":"all_turns"},
    "store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k","text":{"verbosity":"low"},
    "client_metadata":{"session_id":"s"})" +
         fields + "}";
}

TEST(agent_requests, codex_brings_tools_that_take_text_in_an_item) {
  const answer said = answer_to(codex_path, codex_body(""));
  EXPECT_EQ(said.status, 200U) << said.body;
  EXPECT_THAT(said.unknown, IsEmpty());
  const auto call = json_of(said).at_pointer("/output/1");
  EXPECT_EQ(text_at(call, "/type"), "custom_tool_call");
  EXPECT_EQ(text_at(call, "/name"), "exec");
  EXPECT_EQ(text_at(call, "/namespace"), "functions");
  EXPECT_EQ(text_at(call, "/input"), "text 1 + 1");
}

TEST(agent_requests, codex_gets_the_text_in_pieces) {
  std::string input;
  std::string whole;
  for (const stream_event& each : events_of(codex_path, codex_body("", R"(,"stream":true)"))) {
    const auto event = boost::json::parse(each.data);
    if (each.name == "response.custom_tool_call_input.delta") input += text_at(event, "/delta");
    if (each.name == "response.custom_tool_call_input.done") whole = text_at(event, "/input");
  }
  EXPECT_EQ(input, "text 1 + 1");
  EXPECT_EQ(whole, input);
}

TEST(agent_requests, codex_sends_the_call_and_its_output_back) {
  const auto said = success_of(codex_path, codex_body(R"(,
    {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"eA=="},
    {"type":"custom_tool_call","id":"ctc_1","call_id":"c1","name":"exec","namespace":"functions","input":"text 1 + 1"},
    {"type":"custom_tool_call_output","call_id":"c1","output":[{"type":"input_text","text":"2"}]})"));
  EXPECT_EQ(text_at(said, "/output/1/content/0/text"), "exec said: 2");
}

// --- Gemini CLI ---

TEST(agent_requests, gemini_cli_names_a_level_of_thinking_and_a_system_with_a_role) {
  const answer said = answer_to("/v1beta/models/gemini-3.1-pro-preview:generateContent", R"({
    "contents":[{"parts":[{"text":"<session_context>"},{"text":"read_file {\"file_path\":\"note.txt\"}"}],"role":"user"}],
    "systemInstruction":{"parts":[{"text":"Be an agent."}],"role":"user"},
    "tools":[{"functionDeclarations":[{"name":"read_file","description":"Reads.","parametersJsonSchema":
      {"type":"object","properties":{"file_path":{"type":"string"}},"required":["file_path"]}}]}],
    "generationConfig":{"temperature":1,"topP":0.95,"topK":64,
      "thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}})");
  EXPECT_EQ(said.status, 200U) << said.body;
  EXPECT_THAT(said.unknown, IsEmpty());
  EXPECT_EQ(text_at(json_of(said), "/candidates/0/content/parts/1/functionCall/args/file_path"), "note.txt");
}

// --- opencode ---

TEST(agent_requests, opencode_asks_in_the_words_of_chat_completions) {
  const answer said = answer_to("/v1/chat/completions", R"({"model":"gpt-4o-mini","max_tokens":32000,
    "messages":[{"role":"system","content":"Be an agent."},{"role":"user","content":"read {\"filePath\":\"note.txt\"}"}],
    "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":
      {"type":"object","properties":{"filePath":{"type":"string"}},"required":["filePath"]}}}],
    "tool_choice":"auto"})");
  EXPECT_EQ(said.status, 200U) << said.body;
  EXPECT_THAT(said.unknown, IsEmpty());
  EXPECT_EQ(text_at(json_of(said), "/choices/0/message/tool_calls/0/function/arguments"), R"({"filePath":"note.txt"})");
}

}  // namespace
}  // namespace warmwire::emulator::agent_requests_test

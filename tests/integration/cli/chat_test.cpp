// `warmwire chat` from the outside, with every provider: streamed, told of, and failing.
#include "tests/integration/cli/child_program.hpp"
#include "tests/integration/client/streaming.hpp"
#include "tests/integration/provider_streams.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace warmwire::test::chat_test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using arguments = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

const std::string hello = text_chunk("Hel") + text_chunk("lo") + stop_chunk +
                          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n" +
                          done_event;

emulator::emulator_options scripted(emulator::script faults) {
  emulator::emulator_options out{.strict = true};
  out.script = std::move(faults);
  return out;
}

program_run chat_at(const std::string& base_url, const emulator::server& server, arguments more) {
  arguments all{"chat", "--base-url", base_url, "--ca-file", server.ca_file()};
  all.insert(all.end(), more.begin(), more.end());
  return {.arguments = std::move(all), .environment = {{"OPENAI_API_KEY", "sk-good-and-secret"}}};
}

program_run chat_with(const emulator::server& server, arguments more) {
  return chat_at(server.base_url(), server, std::move(more));
}

/// A file that is gone at the end of the test.
class scratch_file {
 public:
  explicit scratch_file(const std::string& text)
      : path_(testing::TempDir() + "conversation-" + std::to_string(::getpid()) + ".json") {
    std::ofstream(path_) << text;
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  ~scratch_file() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(cli_chat_stream, prints_the_answer_and_nothing_else) {
  const emulator::server server(scripted(always(streamed(hello))));
  const auto outcome = run_program(chat_with(server, {"hi"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "Hello\n");
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_THAT(server.report().arrivals.at(0).body, HasSubstr(R"("stream":true)"));
}

TEST(cli_chat_stream, prints_text_as_it_comes) {
  const auto first = text_chunk("Hel");
  const emulator::server server(scripted(always(streamed(hello, {at_byte(fault::ending::stall, first.size())}))));
  auto what = chat_with(server, {"hi"});
  // A child inherits the environment, in which a test cannot leave a key.
  what.arguments.insert(what.arguments.end(), {"--provider", "ollama", "--model", "m"});
  cli::child_program chat(what.arguments);
  EXPECT_TRUE(chat.wait_for_output("Hel")) << chat.errors();
}

TEST(cli_chat_stream, works_with_every_provider) {
  const variables keys{{"OPENAI_API_KEY", "sk-1"},       {"ANTHROPIC_API_KEY", "sk-2"}, {"GOOGLE_API_KEY", "sk-3"},
                       {"AZURE_OPENAI_API_KEY", "sk-4"}, {"GROQ_API_KEY", "sk-5"},      {"MISTRAL_API_KEY", "sk-6"},
                       {"DEEPSEEK_API_KEY", "sk-7"},     {"OPENROUTER_API_KEY", "sk-8"}};
  for (const auto& each : provider_streams(hello)) {
    const emulator::server server(scripted(always(streamed(each.body))));
    arguments more{"--provider", each.id, "--model", "a-model", "--verbose", "hi"};
    if (each.api == openai_api::responses) more.emplace_back("--responses");
    auto what = chat_at(each.id == "openai" ? server.base_url() : server.origin(), server, more);
    what.environment = keys;
    const auto outcome = run_program(what);
    EXPECT_EQ(outcome.exit_code, 0) << each.id << outcome.errors;
    EXPECT_EQ(outcome.output, "Hello\n") << each.id;
    EXPECT_THAT(outcome.errors, HasSubstr(" 2 out")) << each.id;
    EXPECT_THAT(outcome.errors, HasSubstr("attempt 1: connection 1 (new)")) << each.id;
    EXPECT_THAT(server.report().arrivals.at(0).target, HasSubstr(each.path)) << each.id;
  }
}

TEST(cli_chat_stream, goes_to_the_base_url_also_where_the_models_name_chooses_the_provider) {
  const emulator::server server{emulator::emulator_options{.strict = true}};
  for (const auto& [model, variable, path] : {std::tuple{"anthropic/a-model", "ANTHROPIC_API_KEY", "/v1/messages"},
                                              std::tuple{"google/a-model", "GOOGLE_API_KEY", "/models/a-model:"}}) {
    auto what = chat_at(server.origin(), server, {"--model", model, "hi"});
    what.environment = {{variable, "sk-1"}};
    const auto outcome = run_program(what);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    EXPECT_THAT(server.report().arrivals.back().target, HasSubstr(path));
  }
}

TEST(cli_chat_stream, tells_of_each_try_when_it_is_asked_to) {
  const emulator::server server(scripted({{{{.request = 1}, {fault::status{503}, fault::header{"Retry-After-Ms", "1"}}},
                                           {{.request = 2}, streamed(hello)}}}));
  const auto outcome = run_program(chat_with(server, {"--verbose", "hi"}));
  EXPECT_EQ(outcome.output, "Hello\n");
  EXPECT_THAT(outcome.errors, HasSubstr("attempt 1 failed: service_unavailable (status 503); waited 1 ms\n"));
  EXPECT_THAT(outcome.errors, HasSubstr("attempt 2: connection 1 (reused)"));
  EXPECT_THAT(outcome.errors, HasSubstr("request req-7"));
  EXPECT_THAT(outcome.errors, HasSubstr("first byte"));
}

TEST(cli_chat_stream, tries_only_as_often_as_it_may) {
  const emulator::server server(scripted(always({fault::status{503}, fault::header{"Retry-After-Ms", "1"}})));
  EXPECT_EQ(run_program(chat_with(server, {"--max-retries=0", "hi"})).exit_code, 1);
  EXPECT_EQ(server.report().requests, 1U);
}

TEST(cli_chat_stream, that_breaks_off_prints_what_came_and_fails) {
  const emulator::server server(scripted(always(streamed(text_chunk("half")))));
  const auto outcome = run_program(chat_with(server, {"hi"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "half\n");
  EXPECT_THAT(outcome.errors, HasSubstr("stream_interrupted"));
}

TEST(cli_chat_stream, prints_the_tools_that_the_model_asks_for) {
  const auto body = chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"add","arguments":"{\"x\":1}"}}])") +
                    chunk("", R"("tool_calls")") + done_event;
  const emulator::server server(scripted(always(streamed(body))));
  const auto outcome = run_program(chat_with(server, {"hi"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "a: add({\"x\":1})\n");
}

TEST(cli_chat_stream, fails_when_the_model_declines) {
  const auto body = chunk(R"("refusal":"I will not.")") + stop_chunk + done_event;
  const emulator::server server(scripted(always(streamed(body))));
  const auto outcome = run_program(chat_with(server, {"hi"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("the model declined: I will not."));
}

struct ended_answer {
  std::string name;
  std::string provider;
  std::string body;
  int exit_code;
  std::string told;
};

std::string gemini_event(const std::string& candidate) {
  return "data: {\"candidates\":[{" + candidate + "}]}\n\n";
}

std::string anthropic_event(const std::string& type, const std::string& fields) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + fields + "}\n\n";
}

std::vector<ended_answer> ended_answers() {
  const auto text = text_chunk("half");
  const std::string parts = R"("content":{"parts":[{"text":"half"}]})";
  const auto claude =
      anthropic_event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
      anthropic_event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"half"})");
  const auto pause = anthropic_event("message_delta", R"(,"delta":{"stop_reason":"pause_turn"})") +
                     anthropic_event("message_stop", "");
  return {
      {"whole", "openai", text + stop_chunk + done_event, 0, ""},
      {"nothing", "openai", stop_chunk + done_event, 1, "the answer is empty (stop)"},
      {"thoughts alone", "lab", chunk(R"("reasoning":"Hm.")") + stop_chunk + done_event, 1,
       "the answer holds no text (stop)"},
      {"cut", "openai", text + chunk("", R"("length")") + done_event, 0,
       "the answer was cut off at its longest length (length)"},
      {"cut to nothing", "openai", chunk("", R"("length")") + done_event, 1, "the answer is empty (length)"},
      {"a call that was cut", "openai",
       chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"add","arguments":"{\"x\":"}}])") +
           chunk("", R"("length")") + done_event,
       1, "the answer was cut off within the call of a tool (length)"},
      {"held back", "openai", text + chunk("", R"("content_filter")") + done_event, 0,
       "the provider held back the rest of the answer (content_filter)"},
      {"of tomorrow", "openai", text + chunk("", R"("lunch")") + done_event, 0,
       "the answer did not come to its end (lunch)"},
      {"a call that is none", "google",
       gemini_event(R"~("finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed: print(x)")~"), 1,
       "the answer is empty (MALFORMED_FUNCTION_CALL: Malformed: print(x))"},
      {"unsafe", "google", gemini_event(R"("finishReason":"SAFETY")"), 1, "the answer is empty (SAFETY)"},
      {"unsafe in the middle", "google", gemini_event(parts) + gemini_event(R"("finishReason":"SAFETY")"), 0,
       "the provider held back the rest of the answer (SAFETY)"},
      {"paused", "anthropic", claude + pause, 0, "the answer did not come to its end (pause_turn)"},
      {"paused before a word", "anthropic", pause, 1, "the answer is empty (pause_turn)"},
  };
}

TEST(cli_chat_end, is_told_with_the_providers_word_and_is_no_success_without_an_answer) {
  for (const auto& each : ended_answers()) {
    SCOPED_TRACE(each.name);
    const emulator::server server(scripted(always(streamed(each.body))));
    auto run = chat_at(server.origin() + (each.provider == "openai" || each.provider == "lab" ? "/v1" : ""), server,
                       {"--provider", each.provider, "hi"});
    run.environment = {
        {"OPENAI_API_KEY", "sk-1"}, {"LAB_API_KEY", "sk-1"}, {"ANTHROPIC_API_KEY", "sk-1"}, {"GOOGLE_API_KEY", "sk-1"}};
    const auto outcome = run_program(run);
    EXPECT_EQ(outcome.exit_code, each.exit_code) << outcome.errors;
    EXPECT_EQ(outcome.errors, each.told.empty() ? "" : "warmwire: " + each.told + '\n');
  }
}

TEST(cli_chat_conversation, goes_before_the_question_and_the_command_line_wins) {
  const scratch_file file(R"({"model":"gpt-4o","temperature":0.5,"max_tokens":7,
    "messages":[{"role":"user","content":"one"},{"role":"assistant","content":"two"}]})");
  const emulator::server server({});
  const auto outcome = run_program(
      chat_with(server, {"--no-stream", "--conversation", file.path(), "--system=brief", "--max-tokens=90", "three"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(server.report().arrivals.at(0).body,
            R"({"model":"gpt-4o","messages":[{"role":"system","content":"brief"},{"role":"user","content":"one"},)"
            R"({"role":"assistant","content":"two"},{"role":"user","content":"three"}],"temperature":0.5,)"
            R"("max_completion_tokens":90})");
}

TEST(cli_chat_conversation, needs_no_further_question) {
  const scratch_file file(R"([{"content":"alone"}])");
  const emulator::server server({});
  EXPECT_EQ(run_program(chat_with(server, {"--no-stream", "--conversation", file.path()})).output,
            "You wrote 1 word: alone\n");
}

TEST(cli_chat_conversation, that_is_wrong_is_wrong_usage_and_says_where) {
  const scratch_file file(R"([{"role":"user","contents":"one"}])");
  const auto outcome = run_program(
      {.arguments = {"chat", "--conversation", file.path()}, .environment = {{"OPENAI_API_KEY", "sk-any-key"}}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr(file.path()));
  EXPECT_THAT(outcome.errors, HasSubstr("messages[0]"));
}

TEST(cli_chat_conversation, has_its_format_in_the_help) {
  const auto help = run_program({.arguments = {"chat", "--help"}}).output;
  for (const auto* word : {"--conversation", "\"messages\"", "tool_result", "reasoning_effort", "media_type"})
    EXPECT_THAT(help, HasSubstr(word));
}

struct key_case {
  std::string provider;
  std::string model;
  std::string variable;
};

TEST(cli_chat_errors, say_which_variable_holds_the_wrong_key) {
  const std::vector<key_case> cases{
      {"openai", "gpt-4o", "OPENAI_API_KEY"},  {"anthropic", "claude", "ANTHROPIC_API_KEY"},
      {"google", "gemini", "GOOGLE_API_KEY"},  {"azure", "gpt-4o", "AZURE_OPENAI_API_KEY"},
      {"my-server", "m", "MY_SERVER_API_KEY"}, {"anthropic", "anthropic/claude", "ANTHROPIC_API_KEY"}};
  for (const auto& each : cases) {
    const emulator::server server(scripted(always({fault::status{401}})));
    auto what = chat_at(server.base_url(), server, {"--provider", each.provider, "--model", each.model, "hi"});
    what.environment = {{each.variable, "sk-wrong-distinctive"}};
    const auto outcome = run_program(what);
    EXPECT_EQ(outcome.exit_code, 1) << each.provider;
    EXPECT_THAT(outcome.errors, HasSubstr("authentication")) << each.provider;
    EXPECT_THAT(outcome.errors, HasSubstr("Check the key in " + each.variable)) << each.provider;
    EXPECT_THAT(outcome.errors, Not(HasSubstr("distinctive"))) << each.provider;
  }
}

TEST(cli_chat_errors, say_which_variable_of_the_models_provider_is_missing) {
  const auto outcome = run_program({.arguments = {"chat", "--model=anthropic/claude-sonnet-5-5", "hi"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("ANTHROPIC_API_KEY"));
}

TEST(cli_chat_errors, of_the_providers_own_words_do_not_point_to_the_base_url) {
  const std::string own = "data: {\"error\":{\"message\":\"out of luck\",\"type\":\"odd_thing\"}}\n\n";
  for (const auto& [body, points_there] : {std::pair{own, false}, std::pair{std::string("data: nonsense\n\n"), true}}) {
    const emulator::server server(scripted(always(streamed(body))));
    const auto outcome = run_program(chat_with(server, {"hi"}));
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.errors, HasSubstr("unexpected_body"));
    EXPECT_EQ(outcome.errors.find("--base-url") != std::string::npos, points_there) << outcome.errors;
  }
}

TEST(cli_chat_errors, name_a_wrong_flag_and_the_help) {
  const auto outcome = run_program({.arguments = {"chat", "--modle=x", "hi"}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--modle=x"));
  EXPECT_THAT(outcome.errors, HasSubstr("warmwire chat --help"));
}

TEST(cli_chat_errors, say_that_there_is_nothing_to_ask) {
  const auto outcome = run_program({.arguments = {"chat"}, .environment = {{"OPENAI_API_KEY", "sk-any-key"}}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--conversation"));
}

TEST(cli_chat_errors, of_a_host_that_is_not_found_point_to_the_network) {
  const auto outcome = run_program({.arguments = {"chat", "--base-url=https://nowhere.invalid/v1", "hi"},
                                    .environment = {{"OPENAI_API_KEY", "sk-any-key"}}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("resolve_failed"));
  EXPECT_THAT(outcome.errors, HasSubstr("the network"));
}

TEST(cli_chat_json, holds_tool_calls_and_tries) {
  const emulator::server server(
      scripted({{{{.request = 1}, {fault::status{500}, fault::header{"Retry-After-Ms", "1"}}}}}));
  const auto outcome = run_program(chat_with(server, {"--json", "hi"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto reply = json::parse(outcome.output);
  EXPECT_TRUE(reply.at("tool_calls").as_array().empty());
  const auto& tries = reply.at("connection").at("failed_attempts").as_array();
  ASSERT_EQ(tries.size(), 1U);
  EXPECT_EQ(tries.at(0).at("code").as_string(), "server_error");
}

}  // namespace
}  // namespace warmwire::test::chat_test

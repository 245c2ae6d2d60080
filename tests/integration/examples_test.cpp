// The programs of examples/, run as a reader would run them, against the emulator.
#include "tests/integration/client/streaming.hpp"
#include "tests/integration/program.hpp"
#include "tests/integration/provider_streams.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::test::examples_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string hello = text_chunk("Hel") + text_chunk("lo") + stop_chunk +
                          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n" +
                          done_event;

class example {
 public:
  explicit example(emulator::script faults = {})
      : server_([&] {
          emulator::emulator_options options;
          options.script = std::move(faults);
          return options;
        }()) {}

  [[nodiscard]] program_outcome run(const std::string& name, std::vector<std::string> arguments = {}) {
    return run_program({.arguments = std::move(arguments),
                        .environment = {{"OPENAI_API_KEY", "sk-1"},
                                        {"OPENAI_BASE_URL", server_.base_url()},
                                        {"ANTHROPIC_API_KEY", "sk-2"},
                                        {"ANTHROPIC_BASE_URL", server_.origin()},
                                        {"GOOGLE_API_KEY", "sk-3"},
                                        {"GOOGLE_GEMINI_BASE_URL", server_.origin()},
                                        {"SSL_CERT_FILE", server_.ca_file()}},
                        .program = std::string(WARMWIRE_EXAMPLES) + name});
  }
  [[nodiscard]] emulator::report report() { return server_.report(); }
  [[nodiscard]] std::string origin() const { return server_.origin(); }

 private:
  emulator::server server_;
};

std::vector<emulator::action> json(std::string body) {
  return {fault::status{200}, fault::header{"Content-Type", "application/json"}, fault::body{std::move(body)}};
}

std::string completion(const std::string& message, const std::string& finish) {
  return R"({"id":"c","model":"m","choices":[{"index":0,"message":{)" + message + R"(},"finish_reason":")" + finish +
         R"("}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
}

TEST(example_chat, holds_a_conversation_over_one_connection) {
  example of;
  const auto outcome = of.run("chat");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("> Why is the sky blue?\nYou wrote 5 words"));
  EXPECT_THAT(outcome.output, HasSubstr("connection 1, new"));
  EXPECT_THAT(outcome.output, HasSubstr("connection 1, warm"));
  EXPECT_THAT(of.report().arrivals.at(1).body, HasSubstr(R"({"role":"assistant","content":"You wrote 5 words)"));
}

TEST(example_chat, tells_what_went_wrong) {
  const auto outcome = example().run("chat", {"openai/no-such-model"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("not_found"));
}

TEST(example_stream, prints_the_answer_of_every_provider) {
  for (const auto& each : provider_streams(hello)) {
    const bool is_one_of_three = each.id == "openai" || each.id == "anthropic" || each.id == "google";
    if (!is_one_of_three || each.api == openai_api::responses) continue;
    const auto outcome = example(always(streamed(each.body))).run("stream", {each.id + "/a-model"});
    EXPECT_EQ(outcome.exit_code, 0) << each.id << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("Hello\n")) << each.id;
    EXPECT_THAT(outcome.output, HasSubstr("2 tokens")) << each.id;
  }
}

TEST(example_stream, says_that_the_answer_is_not_whole) {
  const auto outcome = example(always(streamed(text_chunk("half")))).run("stream");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "half");
  EXPECT_THAT(outcome.errors, HasSubstr("stream_interrupted"));
}

TEST(example_tools, calls_the_tool_and_gives_its_result_back) {
  const auto asks = completion(R"("content":null,"tool_calls":[{"id":"c1","type":"function","function":)"
                               R"({"name":"weather","arguments":"{\"city\":\"Paris\"}"}}])",
                               "tool_calls");
  const auto says = completion(R"("content":"Clear, 21 degrees.")", "stop");
  example of({{{{.request = 1}, json(asks)}, {{.request = 2}, json(says)}}});
  const auto outcome = of.run("tools");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "weather({\"city\":\"Paris\"})\nClear, 21 degrees.\n");
  EXPECT_THAT(of.report().arrivals.at(1).body, HasSubstr(R"("role":"tool","tool_call_id":"c1")"));
}

TEST(example_structured, asks_with_a_schema_and_prints_json) {
  const auto says = completion(R"("content":"{\"name\":\"Ada Lovelace\",\"born\":1815}")", "stop");
  example of(always(json(says)));
  const auto outcome = of.run("structured");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "{\"name\":\"Ada Lovelace\",\"born\":1815}\n");
  EXPECT_THAT(of.report().arrivals.at(0).body, HasSubstr(R"("response_format":{"type":"json_schema")"));
}

TEST(example_embeddings, compares_texts) {
  const std::string vectors = R"({"object":"list","model":"m","data":[{"index":0,"embedding":[1,0]},)"
                              R"({"index":1,"embedding":[1,0]},{"index":2,"embedding":[0,1]}]})";
  const auto outcome = example(always(json(vectors))).run("embeddings");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "2 numbers for each text\n1  A kitten rests on a rug.\n0  Stocks fell on Monday.\n");
}

TEST(example_async, streams_in_a_coroutine) {
  const auto outcome = example(always(streamed(hello))).run("async");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "Hello\n  (2 tokens)\n");
}

TEST(example_async, ends_when_the_answer_breaks_off) {
  const auto outcome = example(always(streamed(text_chunk("half")))).run("async");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("stream_interrupted"));
}

TEST(example_parallel, answers_a_hundred_questions_over_few_connections) {
  example of;
  const auto outcome = of.run("parallel");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("100 answers over "));
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_EQ(of.report().requests, 100U);
}

TEST(example_requests, sends_any_request) {
  example of;
  const auto outcome = of.run("requests", {of.origin() + "/v1/models"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("200 application/json"));
  EXPECT_THAT(outcome.output, HasSubstr("connection 1 (reused)"));
}

}  // namespace
}  // namespace warmwire::test::examples_test

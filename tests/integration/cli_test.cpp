// The program from the outside: exit codes, what goes to which stream, and the shapes of --json.
#include "emulator/emulator.hpp"
#include "tests/integration/program.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::cli_test {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using arguments = std::vector<std::string>;

program_outcome run(arguments what) {
  return run_program({.arguments = std::move(what)});
}

json::object json_of(const program_outcome& outcome) {
  json::error_code problem;
  auto value = json::parse(outcome.output, problem);
  EXPECT_FALSE(problem) << outcome.output << outcome.errors;
  return value.is_object() ? value.get_object() : json::object{};
}

std::vector<std::string> keys_of(const json::value& object) {
  std::vector<std::string> out;
  for (const auto& field : object.as_object())
    out.emplace_back(field.key());
  return out;
}

double number_in(const json::value& object, const char* field) {
  return object.as_object().at(field).to_number<double>();
}

/// A chat with the emulator's key and authority.
program_run chat_with(const emulator::server& server, arguments more) {
  arguments all{"chat", "--base-url", server.base_url(), "--ca-file", server.ca_file()};
  all.insert(all.end(), more.begin(), more.end());
  return {.arguments = std::move(all), .environment = {{"OPENAI_API_KEY", "sk-good-and-secret"}}};
}

TEST(cli, explains_itself_and_every_command) {
  const auto whole = run({"--help"});
  EXPECT_EQ(whole.exit_code, 0);
  for (const std::string command : {"chat", "load", "bench", "demo"}) {
    EXPECT_THAT(whole.output, HasSubstr(command));
    const auto one = run({command, "--help"});
    EXPECT_EQ(one.exit_code, 0) << command;
    EXPECT_THAT(one.output, HasSubstr("warmwire " + command)) << command;
    EXPECT_THAT(one.errors, IsEmpty()) << command;
  }
}

TEST(cli, exits_with_2_when_the_command_line_is_wrong) {
  const std::vector<arguments> wrong{
      {},
      {"no-such-command"},
      {"chat"},
      {"chat", "--no-such-flag", "hi"},
      {"chat", ""},
      {"chat", "hi", "--temperature", "warm"},
      {"chat", "hi", "--temperature", "3"},
      {"chat", "hi", "--max-tokens", "0"},
      {"chat", "hi", "--timeout", "soon"},
      {"chat", "hi", "--base-url", "no-url"},
      {"chat", "hi", "--base-url", "ftp://localhost/v1"},
      {"chat", "hi", "--provider", "other"},
      {"load", "--connections=0"},
      {"load", "--duration=never"},
      {"load", "--rate=0"},
      {"load", "--pool-size=-1"},
      {"load", "--http1", "--http2"},
      {"load", "--base-url=http://127.0.0.1:1/v1", "--latency=1ms"},
      {"load", "--base-url=127.0.0.1:1", "--duration=1s"},
      {"bench", "--rtt=far"},
      {"bench", "--rtt=1h"},
      {"bench", "--requests=0"},
      {"demo", "now"},
  };
  for (const auto& what : wrong) {
    auto outcome = run_program({.arguments = what, .environment = {{"OPENAI_API_KEY", "sk-any-key"}}});
    EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(what) << outcome.output << outcome.errors;
    EXPECT_THAT(outcome.errors, Not(IsEmpty())) << testing::PrintToString(what);
    EXPECT_THAT(outcome.output, IsEmpty()) << testing::PrintToString(what);
  }
}

TEST(cli_chat, prints_the_answer_and_nothing_else) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--no-stream", "hello there"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "You wrote 2 words: hello there\n");
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST(cli_chat, reads_the_prompt_from_standard_input) {
  const emulator::server server({.strict = true});
  auto what = chat_with(server, {"--no-stream", "-"});
  what.input = "one two\nthree\n";
  EXPECT_EQ(run_program(what).output, "You wrote 3 words: one two\nthree\n");
}

TEST(cli_chat, passes_its_options_on) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--no-stream", "--model=gpt-4o", "--system=be brief",
                                                      "--temperature=0.5", "--max-tokens=100", "--timeout=20s", "hi"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(server.report().arrivals.at(0).body,
            R"({"model":"gpt-4o","messages":[{"role":"system","content":"be brief"},)"
            R"({"role":"user","content":"hi"}],"temperature":0.5,"max_completion_tokens":100})");
}

TEST(cli_chat, tells_more_when_it_is_asked_to) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--no-stream", "--verbose", "hi"}));
  EXPECT_EQ(outcome.output, "You wrote 1 word: hi\n");
  EXPECT_THAT(outcome.errors, HasSubstr("gpt-5-mini"));
  EXPECT_THAT(outcome.errors, HasSubstr("connection 1 (new)"));
}

TEST(cli_chat, says_when_the_answer_is_cut_off) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--no-stream", "--max-tokens=2", "hi"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.errors, HasSubstr("cut off"));
}

TEST(cli_chat, prints_one_json_object) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--json", "hi"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto reply = json_of(outcome);
  EXPECT_EQ(keys_of(reply),
            (std::vector<std::string>{"content", "refusal", "tool_calls", "finish", "finish_text", "finish_message",
                                      "model", "id", "request_id", "usage", "connection", "timings_ms"}));
  EXPECT_EQ(reply.at("content").as_string(), "You wrote 1 word: hi");
  EXPECT_EQ(reply.at("finish").as_string(), "stop");
  EXPECT_GT(number_in(reply.at("usage"), "total_tokens"), 0);
  EXPECT_GT(number_in(reply.at("timings_ms"), "total"), 0);
  EXPECT_FALSE(reply.at("connection").as_object().at("reused").as_bool());
}

TEST(cli_chat, prints_an_error_as_json_too) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program(chat_with(server, {"--json", "--model=no-such-model", "hi"}));
  EXPECT_EQ(outcome.exit_code, 1);
  const auto whole = json_of(outcome);
  const auto& reason = whole.at("error").as_object();
  EXPECT_EQ(reason.at("code").as_string(), "not_found");
  EXPECT_EQ(reason.at("http_status").to_number<int>(), 404);
  EXPECT_EQ(reason.at("provider_code").as_string(), "model_not_found");
}

TEST(cli_chat, says_which_variable_holds_the_missing_key) {
  const auto outcome = run({"chat", "hi"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("OPENAI_API_KEY"));
  EXPECT_THAT(outcome.output, IsEmpty());
}

TEST(cli_chat, says_what_to_do_about_a_wrong_key_and_does_not_show_it) {
  const emulator::server server({.strict = true});
  auto what = chat_with(server, {"hi"});
  what.environment = {{"OPENAI_API_KEY", "sk-wrong-distinctive"}, {"DEBUG_CONNECTIONS", "1"}};
  const auto outcome = run_program(what);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("OPENAI_API_KEY"));
  EXPECT_THAT(outcome.errors, HasSubstr("provider=openai"));  // the log is on
  EXPECT_THAT(outcome.errors, Not(HasSubstr("sk-wrong-distinctive")));
}

TEST(cli, shows_no_escape_of_a_command_line_and_of_a_file) {
  const std::string escape =
      "\x1b]0;title\x07\xc2\x9b"
      "2J";
  for (const auto& wrong : std::vector<arguments>{{escape},
                                                  {"chat", "--" + escape, "hi"},
                                                  {"chat", "hi", "--temperature", escape},
                                                  {"chat", "hi", "--conversation", "/no/" + escape},
                                                  {"chat", "hi", "--base-url", escape},
                                                  {"chat", "hi", "--provider", escape},
                                                  {"emulate", "--listen", escape},
                                                  {"emulate", "--fault", escape},
                                                  {"emulate", "--script", escape}}) {
    const auto outcome = run(wrong);
    EXPECT_NE(outcome.exit_code, 0);
    for (const auto* obeyed : {"\x1b", "\x07", "\xc2\x9b"})
      EXPECT_THAT(outcome.errors, Not(HasSubstr(obeyed))) << wrong.back();
  }
}

TEST(cli_chat, names_paths_in_its_log_only_when_it_is_asked_to) {
  const emulator::server server({});
  for (const auto& [debug, shown] : {std::pair{"1", false}, {"paths", true}}) {
    auto what = chat_with(server, {"hi"});
    what.environment = {{"OPENAI_API_KEY", "sk-good"}, {"DEBUG_CONNECTIONS", debug}};
    const auto outcome = run_program(what);
    EXPECT_THAT(outcome.errors, HasSubstr("provider=openai"));
    EXPECT_EQ(outcome.errors.find("/chat/completions") != std::string::npos, shown) << outcome.errors;
  }
}

TEST(cli_chat, says_what_to_do_when_nobody_listens) {
  asio::io_context context;
  std::string url;
  {
    const asio::ip::tcp::acceptor gone(context, {asio::ip::address_v4::loopback(), 0});
    url = "http://127.0.0.1:" + std::to_string(gone.local_endpoint().port()) + "/v1";
  }
  const auto outcome = run({"chat", "--base-url", url, "hi"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("connect_failed"));
  EXPECT_THAT(outcome.errors, HasSubstr("--base-url"));
  EXPECT_THAT(outcome.output, IsEmpty());
}

TEST(cli_chat, says_what_to_do_about_an_unknown_authority) {
  const emulator::server server({.strict = true});
  const auto outcome = run({"chat", "--base-url", server.base_url(), "hi"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("certificate_unknown_authority"));
  EXPECT_THAT(outcome.errors, HasSubstr("--ca-file"));
}

TEST(cli_load, has_no_errors_no_leaks_and_opens_one_connection_per_caller_at_most) {
  const auto outcome = run({"load", "--connections=8", "--duration=1s", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, IsEmpty());
  const auto figures = json_of(outcome);
  EXPECT_EQ(keys_of(figures), (std::vector<std::string>{"connections", "duration_s", "requests", "errors",
                                                        "throughput_rps", "latency_ms", "pool", "leaks"}));
  EXPECT_EQ(keys_of(figures.at("latency_ms")), (std::vector<std::string>{"p50", "p90", "p99", "max"}));
  EXPECT_EQ(keys_of(figures.at("pool")), (std::vector<std::string>{"opened", "reused", "peak_pending"}));
  EXPECT_EQ(keys_of(figures.at("leaks")), (std::vector<std::string>{"sockets", "active", "pending"}));
  EXPECT_EQ(number_in(figures, "connections"), 8);
  EXPECT_EQ(number_in(figures, "duration_s"), 1);
  EXPECT_EQ(number_in(figures, "errors"), 0);
  EXPECT_GT(number_in(figures, "requests"), 8);
  EXPECT_GT(number_in(figures, "throughput_rps"), 0);
  EXPECT_GT(number_in(figures.at("latency_ms"), "p50"), 0);
  EXPECT_GE(number_in(figures.at("latency_ms"), "max"), number_in(figures.at("latency_ms"), "p99"));
  EXPECT_LE(number_in(figures.at("pool"), "opened"), 8);
  EXPECT_GT(number_in(figures.at("pool"), "reused"), 0);
  for (const auto* what : {"sockets", "active", "pending"})
    EXPECT_EQ(number_in(figures.at("leaks"), what), 0) << what;
}

TEST(cli_load, keeps_to_the_size_of_the_pool) {
  const auto figures = json_of(run({"load", "--connections=8", "--pool-size=2", "--duration=1s", "--json"}));
  EXPECT_LE(number_in(figures.at("pool"), "opened"), 2);
  EXPECT_GE(number_in(figures.at("pool"), "peak_pending"), 6);
  EXPECT_EQ(number_in(figures, "errors"), 0);
}

TEST(cli_load, keeps_to_the_rate) {
  const auto figures = json_of(run({"load", "--connections=4", "--rate=5.5", "--duration=2s", "--json"}));
  EXPECT_EQ(number_in(figures, "requests"), 11);
  EXPECT_EQ(number_in(figures, "errors"), 0);
}

TEST(cli_load, streams_answers_and_measures_their_first_event) {
  const auto outcome = run({"load", "--stream", "--connections=4", "--duration=500ms", "--latency=5ms", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto figures = json_of(outcome);
  EXPECT_EQ(number_in(figures, "errors"), 0);
  // Seven words, the usage and the end.
  EXPECT_EQ(number_in(figures, "events"), number_in(figures, "requests") * 9);
  EXPECT_EQ(keys_of(figures.at("first_event_ms")), (std::vector<std::string>{"p50", "p90", "p99", "max"}));
  EXPECT_GE(number_in(figures.at("first_event_ms"), "p50"), 5);
  EXPECT_LE(number_in(figures.at("first_event_ms"), "p50"), number_in(figures.at("latency_ms"), "p50"));
  for (const auto* what : {"sockets", "active", "pending"})
    EXPECT_EQ(number_in(figures.at("leaks"), what), 0) << what;
}

TEST(cli_load, calls_the_server_it_is_told_to) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program({.arguments = {"load", "--connections=2", "--duration=500ms", "--http1",
                                                  "--base-url=" + server.base_url(), "--ca-file=" + server.ca_file()},
                                    .environment = {{"OPENAI_API_KEY", "sk-good"}}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("none after closing"));
  EXPECT_GT(server.report().requests, 2U);
}

TEST(cli_load, fails_when_calls_fail_and_says_why) {
  const emulator::server server({.strict = true});
  const auto outcome = run_program({.arguments = {"load", "--connections=2", "--duration=200ms", "--json",
                                                  "--base-url=" + server.base_url(), "--ca-file=" + server.ca_file()},
                                    .environment = {{"OPENAI_API_KEY", "sk-wrong"}}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_GT(number_in(json_of(outcome), "errors"), 0);
  EXPECT_THAT(outcome.errors, HasSubstr("authentication"));
}

TEST(cli_bench, prints_the_figures_of_every_scenario) {
  const auto outcome = run({"bench", "--rtt=0,5ms", "--server-time=10ms", "--requests=3", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto whole = json_of(outcome);
  EXPECT_EQ(keys_of(whole), (std::vector<std::string>{"scenarios"}));
  ASSERT_EQ(whole.at("scenarios").as_array().size(), 2U);
  for (const auto& one : whole.at("scenarios").as_array()) {
    EXPECT_EQ(keys_of(one), (std::vector<std::string>{"tls", "rtt_ms", "server_ms", "requests", "pooled", "unpooled",
                                                      "saving_percent"}));
    for (const auto* side : {"pooled", "unpooled"}) {
      EXPECT_EQ(keys_of(one.at(side)), (std::vector<std::string>{"mean_ms", "p50_ms", "p95_ms", "opened"}));
      EXPECT_GE(number_in(one.at(side), "mean_ms"), 10);
    }
    EXPECT_TRUE(one.at("tls").as_bool());
    EXPECT_EQ(number_in(one, "server_ms"), 10);
    EXPECT_EQ(number_in(one, "requests"), 3);
    EXPECT_EQ(number_in(one.at("pooled"), "opened"), 1);
    EXPECT_EQ(number_in(one.at("unpooled"), "opened"), 3);
    EXPECT_GT(number_in(one, "saving_percent"), -100);
  }
  EXPECT_EQ(number_in(whole.at("scenarios").at(1), "rtt_ms"), 5);
}

TEST(cli_bench, says_what_is_simulated) {
  const auto outcome = run({"bench", "--rtt=1ms", "--server-time=1ms", "--requests=1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("simulated in user space"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST(cli_demo, needs_no_key_and_no_network_and_leaves_nothing) {
  const auto outcome = run({"demo"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("warm"));
  EXPECT_THAT(outcome.output, HasSubstr("simulated in user space"));
  for (const auto* provider : {"openai", "anthropic", "google"})
    EXPECT_THAT(outcome.output, HasSubstr(std::string("   ") + provider + "  "));
  EXPECT_THAT(outcome.output, HasSubstr("After closing: 0 idle, 0 active, 0 waiting"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(outcome.errors, IsEmpty());
}

}  // namespace
}  // namespace warmwire::cli_test

// `warmwire emulate` as its users run it.
#include "emulator/temporary_directory.hpp"
#include "tests/integration/cli/child_program.hpp"
#include "tests/integration/emulator/h2_client.hpp"
#include "tests/integration/emulator/raw_client.hpp"
#include "tests/integration/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace warmwire::cli::emulate_test {
namespace {

using emulator::get;
using emulator::raw_client;
using emulator::raw_tls;
using emulator::status_of;
using emulator::temporary_directory;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

program_outcome run_program(std::vector<std::string> arguments) {
  return warmwire::run_program({.arguments = std::move(arguments)});
}

// The word behind `label`.
std::string value_of(const std::string& text, const std::string& label) {
  const auto start = text.find_first_not_of(' ', text.find(label) + label.size());
  return text.substr(start, text.find_first_of(" \n", start) - start);
}

std::uint16_t port_of(const std::string& text) {
  const std::string url = value_of(text, "base URL");
  return static_cast<std::uint16_t>(std::atoi(url.substr(url.rfind(':') + 1).c_str()));
}

TEST(emulate_command, prints_its_urls_and_reports_at_the_end) {
  child_program program({"emulate", "--fault", "request 2: status 503"});
  ASSERT_TRUE(program.wait_for_output("curl"));
  raw_tls tls(value_of(program.output(), "CA file"));
  {
    raw_client client(port_of(program.output()), &tls);
    EXPECT_EQ(status_of(client.ask(get("/v1/models"))), 200);
    EXPECT_EQ(status_of(client.ask(get("/v1/models"))), 503);
  }
  program.send_signal(SIGINT);
  const auto ended = program.finish();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("SSL_CERT_FILE="), HasSubstr("OPENAI_BASE_URL=https://localhost:"),
                                  HasSubstr("connections 1 ("), HasSubstr("requests 2\n")));
  EXPECT_EQ(ended.errors, "");
}

TEST(emulate_command, prints_one_json_object_and_nothing_else) {
  child_program program({"emulate", "--plain", "--json", "--rtt", "1ms", "--max-requests-per-connection", "1"});
  ASSERT_TRUE(program.wait_for_errors("curl"));
  EXPECT_THAT(program.errors(), HasSubstr("simulated in user space"));
  raw_client client(port_of(program.errors()));
  client.ask(get("/bytes/1"));
  client.read_to_end();
  raw_client(port_of(program.errors())).ask(get("/bytes/1"));  // by now the end of the first has been recorded
  program.send_signal(SIGTERM);
  const auto ended = program.finish();
  EXPECT_EQ(ended.exit_code, 0);
  const auto report = boost::json::parse(ended.output);
  EXPECT_EQ(report.at("connections").as_int64(), 2);
  EXPECT_EQ(report.at("requests").as_int64(), 2);
  EXPECT_EQ(report.at_pointer("/history/0/ended_by").as_string(), "server");
}

std::string unknown_chat() {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"x"}],"new_one":1})";
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(emulate_command, takes_and_names_fields_that_it_does_not_know) {
  child_program program({"emulate", "--plain"});
  ASSERT_TRUE(program.wait_for_output("curl"));
  EXPECT_EQ(status_of(raw_client(port_of(program.output())).ask(unknown_chat())), 200);
  program.send_signal(SIGTERM);
  EXPECT_THAT(program.finish().output, HasSubstr("1  /v1/chat/completions new_one\n"));
}

TEST(emulate_command, names_them_in_its_json_too) {
  child_program program({"emulate", "--plain", "--json"});
  ASSERT_TRUE(program.wait_for_errors("curl"));
  EXPECT_EQ(status_of(raw_client(port_of(program.errors())).ask(unknown_chat())), 200);
  program.send_signal(SIGTERM);
  const auto report = boost::json::parse(program.finish().output);
  EXPECT_EQ(report.at("unknown_fields").at("/v1/chat/completions new_one").as_int64(), 1);
}

TEST(emulate_command, refuses_them_when_it_is_strict) {
  child_program program({"emulate", "--plain", "--strict"});
  ASSERT_TRUE(program.wait_for_output("curl"));
  const std::string said = raw_client(port_of(program.output())).ask(unknown_chat());
  EXPECT_EQ(status_of(said), 400);
  EXPECT_THAT(said, HasSubstr("Unknown parameter: 'new_one'"));
}

TEST(emulate_command, tells_what_http_2_did) {
  child_program program({"emulate", "--plain", "--json", "--http2", "--max-concurrent-streams", "7"});
  ASSERT_TRUE(program.wait_for_errors("curl"));
  {
    emulator::h2_client client(port_of(program.errors()));
    client.reset(client.get("/delay/1h"));
    client.ping();
    EXPECT_EQ(client.ask("/bytes/1").status, 200);
    EXPECT_EQ(client.announced(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 7U);
    client.say_goaway(NGHTTP2_NO_ERROR);
    client.wire.finish();
    client.read_to_end();
  }
  program.send_signal(SIGTERM);
  const auto report = boost::json::parse(program.finish().output);
  const auto& connection = report.at_pointer("/history/0");
  EXPECT_EQ(connection.at("protocol").as_string(), "h2");
  EXPECT_EQ(connection.at("streams").as_int64(), 2);
  EXPECT_EQ(connection.at("max_streams_at_once").as_int64(), 1);
  EXPECT_EQ(connection.at("streams_refused").as_int64(), 0);
  EXPECT_EQ(connection.at("pings").as_int64(), 1);
  EXPECT_EQ(connection.at_pointer("/resets/cancel").as_int64(), 1);
  EXPECT_EQ(connection.at("goaway").as_string(), "no-error");
}

TEST(emulate_command, can_speak_http_1_1_only) {
  child_program program({"emulate", "--http1"});
  ASSERT_TRUE(program.wait_for_output("curl"));
  raw_tls tls(value_of(program.output(), "CA file"));
  emulator::offer(tls, {"h2", "http/1.1"});
  EXPECT_EQ(raw_client(port_of(program.output()), &tls).protocol(), "http/1.1");
}

TEST(emulate_command, ends_by_itself_after_its_duration) {
  const auto ended = run_program({"emulate", "--plain", "--duration", "10ms"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.output, HasSubstr("connections 0"));
}

TEST(emulate_command, says_which_option_is_wrong_and_what_is_allowed) {
  struct wrong {
    std::vector<std::string> arguments;
    std::vector<std::string> message;
  };
  const std::vector<wrong> all{
      {{"emulate", "--latency", "5"}, {"--latency", "'5'", "0s to 24h"}},
      {{"emulate", "--rtt", "2m"}, {"--rtt", "'2m'", "0s to 1m"}},
      {{"emulate", "--keep-alive", "1.5s"}, {"--keep-alive", "'1.5s'", "steps of 1s"}},
      {{"emulate", "--max-requests-per-connection", "0"}, {"--max-requests-per-connection", "0"}},
      {{"emulate", "--listen", "localhost"}, {"--listen", "'localhost'", "ADDRESS:PORT"}},
      {{"emulate", "--listen", "nowhere:1"}, {"nowhere", "IP address"}},
      {{"emulate", "--fault", "all: explode"}, {"--fault", "'explode'", "vanish"}},
      {{"emulate", "--plain", "--fault", "all: stall in handshake"}, {"TLS"}},
      {{"emulate", "--http1", "--http2"}, {"--http1", "--http2"}},
      {{"emulate", "--http1", "--fault", "all: refuse"}, {"HTTP/2 only"}},
      {{"emulate", "--max-concurrent-streams", "-1"}, {"--max-concurrent-streams"}},
      {{"emulate", "--max-concurrent-streams", "2147483648"}, {"--max-concurrent-streams", "2147483647"}},
      {{"emulate", "--script", "/nonexistent"}, {"--script", "/nonexistent"}},
      {{"emulate", "--script", "/"}, {"--script", "'/'"}},
      {{"emulate", "--bogus"}, {"--bogus", "warmwire emulate --help"}},
      {{"emulated"}, {"'emulated'", " emulate"}},
      {{}, {"warmwire --help", "emulate"}},
  };
  for (const auto& [arguments, message] : all) {
    const auto ended = run_program(arguments);
    EXPECT_EQ(ended.exit_code, 2) << ended.errors;
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.errors, StartsWith("warmwire: "));
    for (const std::string& part : message)
      EXPECT_THAT(ended.errors, HasSubstr(part));
  }
}

TEST(emulate_command, fails_when_it_cannot_listen) {
  child_program first({"emulate", "--plain"});
  ASSERT_TRUE(first.wait_for_output("curl"));
  const std::string address = "127.0.0.1:" + std::to_string(port_of(first.output()));
  const auto second = run_program({"emulate", "--plain", "--listen", address});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.errors, HasSubstr("cannot listen on " + address));
}

TEST(emulate_command, reads_a_script_before_its_faults) {
  const temporary_directory folder;
  const auto path = folder.write("script", "# all\nall: status 500\n");
  child_program program({"emulate", "--plain", "--script", path, "--fault", "request 2: status 501"});
  ASSERT_TRUE(program.wait_for_output("curl"));
  raw_client client(port_of(program.output()));
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 500);
  EXPECT_EQ(status_of(client.ask(get("/bytes/1"))), 501);
}

TEST(warmwire_command, has_help_and_a_version) {
  const auto help = run_program({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, HasSubstr("emulate"));
  const auto emulate = run_program({"emulate", "--help"});
  EXPECT_EQ(emulate.exit_code, 0);
  EXPECT_THAT(emulate.output, AllOf(HasSubstr("--fault"), HasSubstr("docs/emulator.md")));
  const auto version = run_program({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.output, StartsWith("warmwire " WARMWIRE_VERSION));
  for (const auto* part : {"\ncompiler ", "\nBoost 1.", "\nOpenSSL 3.", "\nnghttp2 1."})
    EXPECT_THAT(version.output, HasSubstr(part));
}

}  // namespace
}  // namespace warmwire::cli::emulate_test

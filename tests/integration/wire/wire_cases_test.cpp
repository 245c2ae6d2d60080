// Answers as servers really give them, byte for byte, through the public interface: cases/NAME.http holds some. What
// stands before the line of dashes is what is asked and what comes of it; what stands behind it is what the server
// sends before it closes. Several answers are parted by a line of equals signs.
#include <warmwire/client.hpp>

#include <boost/asio/completion_condition.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace warmwire::wire_cases_test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Answers one request on each connection, with the next answer or the last, and closes.
class canned_server {
 public:
  explicit canned_server(std::vector<std::string> answers)
      : answers_(std::move(answers)),
        acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { run(); }) {}
  canned_server(const canned_server&) = delete;
  canned_server& operator=(const canned_server&) = delete;
  ~canned_server() {
    is_over_ = true;
    // Wakes the thread that accepts.
    boost::system::error_code ignored;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  void run() {
    for (std::size_t i = 0;;) {
      boost::system::error_code problem;
      auto peer = acceptor_.accept(problem);
      if (is_over_ || problem) return;
      if (!read_request(peer)) continue;
      asio::write(peer, asio::buffer(answers_[std::min(i, answers_.size() - 1)]), problem);
      ++i;
      peer.shutdown(tcp::socket::shutdown_both, problem);
    }
  }

  static bool read_request(tcp::socket& peer) {
    std::string got;
    boost::system::error_code problem;
    const auto head = asio::read_until(peer, asio::dynamic_buffer(got), "\r\n\r\n", problem);
    if (problem) return false;
    constexpr std::string_view name = "content-length: ";
    auto lower = got.substr(0, head);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto at = lower.find(name);
    const auto length = at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + name.size(), nullptr, 10);
    if (got.size() < head + length) {
      asio::read(peer, asio::dynamic_buffer(got), asio::transfer_exactly(head + length - got.size()), problem);
    }
    return !problem;
  }

  const std::vector<std::string> answers_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

struct wire_case {
  std::string name;
  std::vector<std::string> asked;     // the call, the provider, and what is said of them
  std::vector<std::string> expected;  // as the outcome says it; "says …" stands for a part of an error's message
  std::vector<std::string> answers;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

wire_case read_case(const std::filesystem::path& file) {
  std::ostringstream all;
  all << std::ifstream(file, std::ios::binary).rdbuf();
  auto text = all.str();
  const std::string dashes = "\n----\n";
  const std::string equals = "\n====\n";
  wire_case out{.name = file.stem().string(), .asked = {}, .expected = {}, .answers = {}};
  const auto end = text.find(dashes);
  EXPECT_NE(end, std::string::npos) << file;
  for (const auto& line : lines_of(text.substr(0, end))) {
    if (line.starts_with("ask ")) {
      std::istringstream words(line.substr(4));
      for (std::string word; words >> word;)
        out.asked.push_back(word);
    } else if (!line.starts_with('#')) {
      out.expected.push_back(line);
    }
  }
  text.erase(0, end + dashes.size());
  for (auto at = text.find(equals); at != std::string::npos; at = text.find(equals)) {
    out.answers.push_back(text.substr(0, at));
    text.erase(0, at + equals.size());
  }
  out.answers.push_back(text);
  return out;
}

/// A provider and how it is reached, by the name that stands in a case.
client_options options_of(const std::string& name, const std::string& url) {
  client_options out{.provider = name, .api_key = secret("sk-a-key-of-the-tests-77"), .base_url = url + "/v1"};
  if (name == "responses") {
    out.provider = "openai";
    out.api = openai_api::responses;
  } else if (name == "anthropic" || name == "google") {
    out.base_url = url;
  }
  out.max_retries = 0;
  return out;
}

chat_request what_is_asked(const wire_case& of) {
  chat_request out{.model = "m", .messages = {{role::user, "Hello"}}};
  const auto has = [&](const char* word) {
    return std::find(of.asked.begin(), of.asked.end(), word) != of.asked.end();
  };
  const std::string city = R"({"type":"object","properties":{"city":{"type":"string"}}})";
  if (has("tools")) out.tools = {{.name = "get_weather", .parameters = city}, {.name = "get_time", .parameters = city}};
  if (has("n=2")) out.extra_json = R"({"n":2})";
  return out;
}

using lines = std::vector<std::string>;

void add_text(lines& to, const std::string& kind, const std::string& text) {
  if (!text.empty()) to.push_back(kind + ' ' + text);
}

void add_error(lines& to, const error& reason) {
  to.push_back("error " + std::string(to_string(reason.code)));
  to.push_back("says " + reason.message);
}

void add_reply(lines& to, const chat_reply& reply) {
  add_text(to, "reasoning", reply.reasoning);
  add_text(to, "text", reply.content);
  add_text(to, "refusal", reply.refusal);
  for (const auto& each : reply.tool_calls) {
    EXPECT_FALSE(each.id.empty());
    to.push_back("call " + each.name + ' ' + each.arguments);
  }
}

void add_end(lines& to, const chat_reply& reply) {
  to.push_back("finish " + std::string(to_string(reply.finish)) + ' ' + reply.finish_text);
  const auto& tokens = reply.usage;
  if (tokens != usage()) {
    to.push_back("usage " + std::to_string(tokens.input_tokens) + ' ' + std::to_string(tokens.output_tokens));
  }
}

lines run_stream_of(client& with, const wire_case& of) {
  lines out;
  auto stream = with.stream(what_is_asked(of));
  std::string text;
  lines ended;
  while (const auto event = stream.next()) {
    if (const auto* delta = std::get_if<text_delta>(&*event)) text += delta->text;
    if (const auto* end = std::get_if<tool_call_ended>(&*event)) ended.push_back("whole call " + end->call.name);
  }
  const auto reply = stream.reply();
  if (!reply) {
    if (reply.error().partial) add_reply(out, *reply.error().partial);
    add_error(out, reply.error());
    return out;
  }
  EXPECT_EQ(reply->content, text);
  add_reply(out, *reply);
  out.insert(out.end(), ended.begin(), ended.end());
  add_end(out, *reply);
  return out;
}

lines run_chat(client& with, const wire_case& of) {
  lines out;
  const auto reply = with.chat(what_is_asked(of));
  if (!reply) {
    add_error(out, reply.error());
  } else {
    add_reply(out, *reply);
    add_end(out, *reply);
  }
  return out;
}

lines run_embed(client& with, const wire_case& /*of*/) {
  lines out;
  const auto reply = with.embed({.model = "m", .input = {"a", "b"}});
  if (!reply) {
    add_error(out, reply.error());
    return out;
  }
  for (const auto& vector : reply->vectors) {
    std::ostringstream line;
    line << "vector";
    for (const auto number : vector)
      line << ' ' << number;
    out.push_back(line.str());
  }
  return out;
}

lines run_models(client& with, const wire_case& /*of*/) {
  lines out;
  const auto list = with.models();
  if (!list) {
    add_error(out, list.error());
    return out;
  }
  for (const auto& each : list->models)
    out.push_back("model " + each.id);
  return out;
}

lines run(const wire_case& of) {
  const canned_server server(of.answers);
  client with(options_of(of.asked.at(1), server.url()));
  if (of.asked.at(0) == "stream") return run_stream_of(with, of);
  if (of.asked.at(0) == "embed") return run_embed(with, of);
  if (of.asked.at(0) == "models") return run_models(with, of);
  return run_chat(with, of);
}

void expect_outcome(const lines& outcome, const wire_case& of) {
  lines rest = outcome;
  for (const auto& each : of.expected) {
    const auto found = std::find_if(rest.begin(), rest.end(), [&](const std::string& line) {
      constexpr std::string_view says = "says ";
      if (!each.starts_with(says)) return line == each;
      return line.starts_with(says) && line.find(each.substr(says.size())) != std::string::npos;
    });
    EXPECT_NE(found, rest.end()) << of.name << ": lacks " << each << " in " << ::testing::PrintToString(outcome);
    if (found != rest.end() && !each.starts_with("says ")) rest.erase(found);
  }
  // What an error says and what was counted need not all be expected.
  std::erase_if(rest, [](const std::string& line) {
    return line.starts_with("says ") || line.starts_with("usage ") || line.starts_with("whole call ");
  });
  EXPECT_TRUE(rest.empty()) << of.name << ": has " << ::testing::PrintToString(rest);
  const bool is_cut = std::find(of.asked.begin(), of.asked.end(), "cut") != of.asked.end();
  for (const auto& line : outcome)
    EXPECT_FALSE(is_cut && line.starts_with("whole call ")) << of.name << ": a cut call is told as whole";
}

TEST(wire_cases, are_read_as_their_servers_mean_them) {
  std::size_t count = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& each : std::filesystem::directory_iterator(WARMWIRE_WIRE_CASES))
    files.push_back(each.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto what = read_case(file);
    SCOPED_TRACE(file.filename().string());
    ASSERT_GE(what.asked.size(), 2U);
    expect_outcome(run(what), what);
    ++count;
  }
  EXPECT_GT(count, 30U);
}

/// A program of whoever has other cases: WARMWIRE_WIRE_FILE=… tells the outcome of one.
TEST(wire_cases, of_one_file_are_shown_where_it_is_named) {
  const char* file = std::getenv("WARMWIRE_WIRE_FILE");
  if (file == nullptr) GTEST_SKIP() << "WARMWIRE_WIRE_FILE names no file";
  for (const auto& line : run(read_case(file)))
    std::cout << line << '\n';
}

}  // namespace
}  // namespace warmwire::wire_cases_test

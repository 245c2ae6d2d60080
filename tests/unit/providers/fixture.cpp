#include "tests/unit/providers/fixture.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace warmwire::providers::testing {
namespace {

struct describer {
  std::string operator()(const text_delta& event) const { return "text " + event.text; }
  std::string operator()(const reasoning_delta& event) const { return "reasoning " + event.text; }
  std::string operator()(const refusal_delta& event) const { return "refusal " + event.text; }
  std::string operator()(const tool_call_started& event) const {
    return "call " + std::to_string(event.index) + ' ' + event.id + ' ' + event.name;
  }
  std::string operator()(const tool_call_arguments& event) const {
    return "arguments " + std::to_string(event.index) + ' ' + event.fragment;
  }
  std::string operator()(const tool_call_ended& event) const {
    return "call ended " + std::to_string(event.index) + ' ' + event.call.arguments;
  }
  std::string operator()(const usage_reported& event) const {
    return "usage " + std::to_string(event.usage.input_tokens) + ' ' + std::to_string(event.usage.output_tokens);
  }
  std::string operator()(const ping& /*event*/) const { return "ping"; }
  std::string operator()(const chat_finished& event) const {
    return "finished " + std::string(to_string(event.finish)) + ' ' + event.finish_text;
  }
};

std::string as_lines(const std::vector<tool_call>& calls) {
  std::string out;
  for (const auto& each : calls)
    out.append(each.id).append(" ").append(each.name).append(" ").append(each.arguments).append("\n");
  return out;
}

void expect_same(const stream_outcome& again, const stream_outcome& out, std::size_t piece) {
  SCOPED_TRACE("in pieces of " + std::to_string(piece));
  EXPECT_EQ(again.events, out.events);
  EXPECT_EQ(again.is_finished, out.is_finished);
  EXPECT_EQ(again.failure.has_value(), out.failure.has_value());
  if (again.failure && out.failure) {
    EXPECT_EQ(again.failure->code, out.failure->code);
    EXPECT_EQ(again.failure->message, out.failure->message);
  }
  EXPECT_EQ(again.reply.content, out.reply.content);
  EXPECT_EQ(again.reply.usage, out.reply.usage);
  EXPECT_EQ(as_lines(again.reply.tool_calls), as_lines(out.reply.tool_calls));
  EXPECT_EQ(again.reply.finish, out.reply.finish);
}

// False when the stream is over.
bool drain(chat_stream& stream, stream_outcome& to) {
  while (true) {
    auto got = stream.next();
    if (!got) {
      to.failure = got.error();
      return false;
    }
    if (!*got) return !stream.is_finished();
    to.events.push_back(described(**got));
  }
}

}  // namespace

provider_config config_of(const std::string& provider, openai_api api) {
  return config_at(provider, "", api);
}

provider_config config_at(const std::string& provider, const std::string& base_url, openai_api api) {
  provider_options options;
  options.provider = provider;
  options.base_url = base_url;
  options.api_key = secret("sk-test-key-1234");
  options.api = api;
  return make_provider_config(options, [](const char*) -> const char* { return nullptr; }).value();
}

chat_request ask(std::string text) {
  chat_request out;
  out.messages = {{role::user, std::move(text)}};
  return out;
}

std::string sent(const provider_config& config, const chat_request& chat, delivery how) {
  const auto made = encode_chat(config, chat, how);
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::get<std::string>(made->body) : "";
}

std::string refusal_of(const provider_config& config, const chat_request& chat, delivery how) {
  const auto made = encode_chat(config, chat, how);
  if (made) return {};
  EXPECT_EQ(made.error().code, errc::invalid_option);
  return made.error().message;
}

response success(std::string body) {
  return {200, {{"x-request-id", "req-1"}, {"content-type", "application/json"}}, std::move(body), {}};
}

boost::json::value parsed(std::string_view text) {
  boost::json::error_code problem;
  auto out = boost::json::parse(text, problem);
  EXPECT_FALSE(problem) << text;
  return out;
}

std::string described(const stream_event& event) {
  return std::visit(describer(), event);
}

stream_outcome run_stream(const provider_config& config, std::string_view text, std::size_t piece, ending how,
                          const std::string& content_type, answer_choices asked) {
  chat_stream stream(std::make_shared<const provider_config>(config),
                     {200, {{"x-request-id", "req-1"}, {"Content-Type", content_type}}, {}, {}}, asked);
  stream_outcome out;
  bool goes_on = drain(stream, out);
  while (goes_on && !text.empty()) {
    stream.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    goes_on = drain(stream, out);
  }
  if (goes_on) {
    if (how == ending::clean) {
      stream.end();
    } else {
      stream.fail({.code = errc::stream_idle_timeout, .phase = phase::body, .message = "silent"});
    }
    drain(stream, out);
  }
  out.is_finished = stream.is_finished();
  out.reply = stream.reply();
  return out;
}

stream_outcome run_in_all_pieces(const provider_config& config, std::string_view text, answer_choices asked) {
  const auto run = [&](std::size_t piece) {
    return run_stream(config, text, piece, ending::clean, "text/event-stream", asked);
  };
  auto out = run(std::string::npos);
  for (const std::size_t piece : {1, 2, 3, 7, 16, 61}) {
    expect_same(run(piece), out, piece);
  }
  return out;
}

std::vector<std::string> cut_after_each_event(std::string_view text) {
  std::vector<std::string> out{""};
  for (auto end = text.find("\n\n"); end != std::string_view::npos && end + 2 < text.size();
       end = text.find("\n\n", end + 2))
    out.emplace_back(text.substr(0, end + 2));
  return out;
}

}  // namespace warmwire::providers::testing

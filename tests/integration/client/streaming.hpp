// An emulator that streams scripted answers, and clients of it. What the providers send is written out here; how it is
// sent, and how it ends, is the emulator's.
#pragma once

#include "../loop_slices.hpp"
#include "emulator/emulator.hpp"
#include "tests/integration/hang.hpp"
#include "tests/integration/whole_chats.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::test {

/// One event of Chat Completions, with its id where it has one.
inline std::string chunk(const std::string& delta, const std::string& finish = "null", const std::string& id = "") {
  std::string out;
  if (!id.empty()) out.append("id: ").append(id).append("\n");
  return out
      .append(
          R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[)")
      .append(R"({"index":0,"delta":{)")
      .append(delta)
      .append(R"(},"finish_reason":)")
      .append(finish)
      .append("}]}\n\n");
}

inline std::string text_chunk(const std::string& text) {
  return chunk(R"("content":")" + text + '"');
}

inline const std::string stop_chunk = chunk("", R"("stop")");
inline const std::string done_event = "data: [DONE]\n\n";

/// `count` numbered words and the end.
inline std::string numbered(int count) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out.append(text_chunk(std::to_string(i) + ' '));
  return out.append(stop_chunk).append(done_event);
}

/// The actions that answer with a stream of events, to which others may be added.
inline std::vector<emulator::action> streamed(std::string body, std::vector<emulator::action> more = {}) {
  std::vector<emulator::action> out{fault::status{200}, fault::header{"Content-Type", "text/event-stream"},
                                    fault::header{"X-Request-Id", "req-7"}, fault::body{std::move(body)},
                                    fault::framing{fault::body_framing::chunked}};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

inline fault::end at_byte(fault::ending how, std::size_t bytes) {
  return {how, fault::moment::in_body, bytes, std::chrono::microseconds(0)};
}

/// The streamed text so far, and one word for every other event.
struct describer {
  std::string operator()(const text_delta& event) const { return event.text; }
  std::string operator()(const reasoning_delta& event) const { return "(reasoning " + event.text + ')'; }
  std::string operator()(const refusal_delta& event) const { return "(refusal " + event.text + ')'; }
  std::string operator()(const tool_call_started& event) const { return "(call " + event.name + ')'; }
  std::string operator()(const tool_call_arguments& event) const { return '(' + event.fragment + ')'; }
  std::string operator()(const tool_call_ended& event) const { return "(called " + event.call.arguments + ')'; }
  std::string operator()(const usage_reported& event) const {
    return "(usage " + std::to_string(event.usage.output_tokens) + ')';
  }
  std::string operator()(const ping& /*event*/) const { return "(ping)"; }
  std::string operator()(const chat_finished& event) const { return "(finished " + event.finish_text + ')'; }
};

inline std::string described(const stream_event& event) {
  return std::visit(describer(), event);
}

class streaming {
 public:
  explicit streaming(http_protocol protocol, emulator::script script, pool_options pool = {},
                     std::uint32_t max_retries = 0, emulator::emulator_options options = {})
      : server([&] {
          options.script = std::move(script);
          options.strict = true;  // what our adapters send is known
          return options;
        }()) {
    pool.protocol = protocol;
    if (options.tls) pool.tls = tls_options{.ca_file = server.ca_file()};
    of_all.defaults = pool;
    who = {.api_key = secret("sk-a-key-of-the-tests-77"), .base_url = server.base_url(), .max_retries = max_retries};
  }

  [[nodiscard]] client blocking() const { return client(who, std::make_shared<blocking_transport>(of_all)); }

  /// Runs a coroutine over an async client and closes the pools. What is left on the loop would keep it going.
  void run(const std::function<asio::awaitable<void>(async_client&, transport&)>& body) const {
    asio::io_context loop{1};
    transport over(loop.get_executor(), of_all);
    async_client chats(over, who);
    const auto and_close = [&]() -> asio::awaitable<void> {
      co_await body(chats, over);
      (void)co_await over.async_close_all(0ms, asio::use_awaitable);
    };
    loop_slices::run_beside(loop, and_close, hang);
    ASSERT_TRUE(loop.stopped()) << "something is left on the loop";
    for (const auto& left : over.stats()) {
      EXPECT_EQ(left.active + left.idle + left.connecting + left.pending, 0U) << left.to_string();
    }
  }

  emulator::server server;
  transport_options of_all;
  client_options who;
};

/// Lets the loop handle what has arrived, until `condition` holds.
inline asio::awaitable<void> until(std::function<bool()> condition) {
  const auto give_up = std::chrono::steady_clock::now() + hang;
  while (!condition() && std::chrono::steady_clock::now() < give_up)
    co_await asio::post(asio::use_awaitable);
  EXPECT_TRUE(condition());
}

/// All tests of streams hold for both protocols.
class over_both : public ::testing::TestWithParam<http_protocol> {};

inline std::string protocol_name(const ::testing::TestParamInfo<http_protocol>& of) {
  return of.param == http_protocol::http1 ? "http1" : "http2";
}

}  // namespace warmwire::test

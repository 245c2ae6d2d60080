// What a request and its response look like over HTTP/2, and which protocol is spoken.
#include "../listener.hpp"
#include "h2_wire.hpp"

#include <thread>

namespace warmwire::test::h2_message_test {
namespace {

std::vector<std::string> values(const emulator::seen_request& seen, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [key, value] : seen.headers)
    if (key == name) found.push_back(value);
  return found;
}

using strings = std::vector<std::string>;

TEST(h2_message, the_callers_fields_win_and_those_of_http_1_never_go_out) {
  wire test({}, http2_only());
  test.run([&]() -> awaitable<void> {
    auto plain = test.post("/echo");
    EXPECT_TRUE((co_await test.send(plain)).has_value());
    auto custom = test.post("/echo");
    custom.headers.add("User-Agent", "mine/1");
    custom.headers.add("X-Twice", "a");
    custom.headers.add("x-twice", "b");
    for (const auto* name : {"Connection", "Keep-Alive", "Proxy-Connection", "Upgrade"})
      custom.headers.add(name, "close");
    EXPECT_TRUE((co_await test.send(custom)).has_value());
    EXPECT_EQ(test.stats().idle, 1U) << "they ask nothing of a connection that has many streams";
  });
  const auto seen = test.server.report().arrivals;
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(values(seen[0], "user-agent"), strings{"warmwire/0.1"});
  EXPECT_EQ(values(seen[0], ":scheme"), strings{"https"});
  EXPECT_EQ(values(seen[0], ":authority"), strings{"localhost:" + std::to_string(test.server.port())});
  EXPECT_EQ(values(seen[0], "content-length"), strings{"4"});
  EXPECT_EQ(values(seen[1], "user-agent"), strings{"mine/1"});
  EXPECT_EQ(values(seen[1], "x-twice"), (strings{"a", "b"}));
  for (const auto& each : seen) {
    for (const auto* name : {"host", "connection", "keep-alive", "proxy-connection", "upgrade", "transfer-encoding"})
      EXPECT_EQ(values(each, name), strings{}) << name;
  }
}

TEST(h2_message, large_bodies_travel_whole_and_many_at_once) {
  wire test({}, one_connection());
  test.run([&]() -> awaitable<void> {
    sendings all(test);
    std::vector<std::string> bodies;
    for (std::size_t n = 0; n < 5; ++n) {
      std::string large(4'000'000, ' ');
      for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>('a' + (i + n) % 23);
      all.start(test.post("/echo", large));
      bodies.push_back(std::move(large));
    }
    co_await all.wait_for_success();
    for (std::size_t n = 0; n < 5; ++n)
      EXPECT_TRUE(all[n].got->value().body == bodies[n]) << n;
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

/// Gives `parts` one by one, each from another thread.
body_source from_a_thread(std::vector<std::string> parts, std::optional<std::uint64_t> length = std::nullopt) {
  struct progress {
    std::vector<std::string> parts;
    std::size_t next = 0;
    std::vector<std::jthread> threads;
  };
  const auto state = std::make_shared<progress>();
  state->parts = std::move(parts);
  body_source source;
  source.length = length;
  source.next = [state](const body_source::chunk_handler& done) {
    const std::string part = state->next < state->parts.size() ? state->parts[state->next++] : std::string();
    state->threads.emplace_back([done, part] { done(part); });
  };
  return source;
}

/// g++ 12 cannot keep an initializer list in a coroutine's frame.
template <class... Text>
strings parts(Text... text) {
  return {text...};
}

TEST(h2_message, a_one_shot_body_is_sent_while_it_is_produced) {
  wire test({}, one_connection());
  test.run([&]() -> awaitable<void> {
    const std::string large(300'000, 'x');
    auto open_ended = test.post("/echo");
    open_ended.body = from_a_thread(parts("one ", "two ", large));
    EXPECT_EQ((co_await test.send(open_ended)).value().body, "one two " + large);
    auto sized = test.post("/echo");
    sized.body = from_a_thread(parts("one ", "two"), 7);
    EXPECT_EQ((co_await test.send(sized)).value().body, "one two");
  });
  EXPECT_EQ(test.stats().opened, 1U);
  const auto seen = test.server.report().arrivals;
  EXPECT_EQ(values(seen.at(0), "content-length"), strings{});
  EXPECT_EQ(values(seen.at(1), "content-length"), strings{"7"});
}

TEST(h2_message, a_body_source_that_breaks_its_word_fails_its_request_alone) {
  wire test({}, one_connection());
  test.run([&]() -> awaitable<void> {
    auto sibling = (co_await open(test, test.get(unread))).value();
    const auto fails_with = [&](body_source source) -> awaitable<errc> {
      auto message = test.post("/echo");
      message.body = std::move(source);
      co_return (co_await test.send(message)).error().code;
    };
    EXPECT_EQ(co_await fails_with(from_a_thread(parts("too long"), 3)), errc::request_body_failed);
    EXPECT_EQ(co_await fails_with(from_a_thread(parts("short"), 10)), errc::request_body_failed);
    body_source throws;
    throws.next = [](const body_source::chunk_handler&) { throw std::runtime_error("no"); };
    EXPECT_EQ(co_await fails_with(throws), errc::request_body_failed);
    EXPECT_EQ((co_await read_all(sibling)).value().size(), unread_bytes);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_message, a_body_source_may_answer_when_everything_is_gone) {
  body_source::chunk_handler late;
  {
    wire test({}, http2_only());
    test.run([&]() -> awaitable<void> {
      auto message = test.post("/echo");
      body_source never;
      never.next = [&late](const body_source::chunk_handler& done) { late = done; };
      message.body = never;
      message.timeout = 100ms;
      EXPECT_EQ((co_await test.send(message)).error().code, errc::deadline_exceeded);
    });
  }
  late(std::string("too late"));
}

TEST(h2_message, a_body_over_the_limit_is_refused) {
  auto small = one_connection();
  small.max_request_body_bytes = 10;
  small.max_response_body_bytes = 1000;
  wire test({}, small);
  test.run([&]() -> awaitable<void> {
    auto endless = test.post("/echo");
    endless.body = from_a_thread(parts("01234", "56789", "0"));
    EXPECT_EQ((co_await test.send(endless)).error().code, errc::request_too_large);
    for (const auto* path : {"/bytes/1001", "/chunked/1001", "/bytes/50000000"})
      EXPECT_EQ((co_await test.send(test.get(path))).error().code, errc::response_too_large) << path;
    EXPECT_EQ((co_await test.send(test.get("/bytes/1000"))).value().body.size(), 1000U);
    auto stream = (co_await open(test, test.get("/bytes/1001"))).value();
    EXPECT_EQ((co_await read_all(stream)).value().size(), 1001U) << "a streamed body has no limit";
  });
  EXPECT_EQ(test.stats().opened, 1U) << "each cost only its stream: " << test.stats().to_string();
}

TEST(h2_message, a_head_response_has_no_body) {
  wire test({}, one_connection());
  test.run([&]() -> awaitable<void> {
    auto head = test.get("/bytes/1000");
    head.method = "HEAD";
    const auto got = (co_await test.send(head)).value();
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(got.headers.get("content-length"), "1000");
    EXPECT_EQ((co_await test.send(test.get("/status/204"))).value().status, 204);
    EXPECT_EQ((co_await test.send(test.get("/bytes/5"))).value().body.size(), 5U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_message, interim_responses_are_passed_over) {
  wire test(rules("all: interim 100, interim 103 times 2"), http2_only());
  test.run([&]() -> awaitable<void> {
    const auto got = (co_await test.send(test.post("/echo"))).value();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "ping");
  });
}

TEST(h2_message, an_answer_that_comes_before_the_body_was_sent_is_heard) {
  wire test(rules("request 1: early, status 413, rst no-error after response\nrequest 2: early, status 429"),
            one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo", std::string(30'000'000, 'x')))).value().status, 413);
    EXPECT_EQ((co_await test.send(test.post("/echo", std::string(30'000'000, 'x')))).value().status, 429);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().status, 200);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

// As over HTTP/1.1: only a refusal, a reset or the server's leaving ends an upload that was answered early.
TEST(h2_message, an_upload_goes_on_behind_an_answer_that_is_no_refusal) {
  emulator::emulator_options server;
  server.record = true;
  wire test(rules("all: early, status 200, body \"ok\""), one_connection(), server);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo", std::string(30'000'000, 'x')))).value().body, "ok");
    auto opened = co_await test.pools.async_open(test.post("/echo", std::string(30'000'000, 'x')), use_awaitable);
    EXPECT_EQ((co_await opened->async_read(use_awaitable)).value(), "ok");
    EXPECT_EQ((co_await opened->async_read(use_awaitable)).value(), "");
  });
  EXPECT_EQ(test.stats().opened, 1U);
  ASSERT_TRUE(test.server.wait_for([](const auto& now) { return now.arrivals.size() == 2; }, hang));
  const auto seen = test.server.report();
  for (const auto& each : seen.arrivals)
    EXPECT_TRUE(each.complete);
  EXPECT_TRUE(seen.history.front().resets.empty());
}

TEST(h2_message, an_upload_that_was_answered_ends_with_the_stream_or_the_time) {
  for (const auto* ending : {"rst no-error after response", "slow-window never"}) {
    SCOPED_TRACE(ending);
    auto options = one_connection();
    options.inactivity_timeout = 300ms;
    wire test(rules(std::string("all: early, status 200, body \"ok\", ") + ending), options);
    test.run([&]() -> awaitable<void> {
      const auto answer = co_await test.send(test.post("/echo", std::string(30'000'000, 'x')));
      EXPECT_EQ(answer.value().body, "ok") << "what is complete stays so";
    });
  }
}

TEST(h2_message, bad_input_is_named_before_anything_is_sent) {
  wire test({}, http2_only());
  test.run([&]() -> awaitable<void> {
    auto broken = test.post("/echo");
    broken.headers.add("X-A", "a\nX-Evil: 1");
    EXPECT_EQ((co_await test.send(broken)).error().code, errc::invalid_header);
    EXPECT_EQ(test.stats().opened, 0U);
    auto huge = test.post("/echo");
    huge.headers.add("X-Huge", std::string(70'000, 'x'));
    EXPECT_EQ((co_await test.send(huge)).error().code, errc::invalid_header) << "more than a peer takes";
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
  });
  EXPECT_EQ(test.server.report().requests, 1U);
}

// Which protocol is spoken

TEST(h2_message, alpn_prefers_http2_and_falls_back) {
  auto options = http2_only();
  options.protocol = http_protocol::automatic;
  for (const auto choice : {emulator::protocol_choice::both, emulator::protocol_choice::http1}) {
    emulator::emulator_options server;
    server.protocols = choice;
    wire test({}, options, server);
    test.run([&]() -> awaitable<void> {
      sendings all(test);
      all.start(5, test.post("/echo"));
      co_await all.wait_for_success();
      for (const auto& each : all) {
        EXPECT_EQ(each->got->value().provenance.protocol,
                  choice == emulator::protocol_choice::both ? "h2" : "http/1.1");
      }
    });
  }
}

TEST(h2_message, a_server_without_http2_is_an_error_of_a_pool_that_insists) {
  emulator::emulator_options server;
  server.protocols = emulator::protocol_choice::http1;
  wire test({}, http2_only(), server);
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/echo"));
    EXPECT_EQ(got.error().code, errc::protocol_unavailable) << got.error().to_string();
    EXPECT_EQ(got.error().phase, phase::tls);
  });
  EXPECT_EQ(test.stats().dial_failures, 1U);
}

TEST(h2_message, a_server_for_http2_alone_is_an_error_of_a_pool_for_http1) {
  emulator::emulator_options server;
  server.protocols = emulator::protocol_choice::http2;
  pool_options options;
  options.protocol = http_protocol::http1;
  wire test({}, options, server);
  test.run([&]() -> awaitable<void> { EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_error()); });
}

TEST(h2_message, without_tls_http2_is_spoken_to_who_is_known_to_understand_it) {
  emulator::emulator_options plain;
  plain.tls = false;
  for (const auto protocol : {http_protocol::http2, http_protocol::automatic}) {
    auto options = http2_only();
    options.protocol = protocol;
    wire test({}, options, plain);
    test.run([&]() -> awaitable<void> {
      const auto got = (co_await test.send(test.post("/echo"))).value();
      EXPECT_EQ(got.body, "ping");
      EXPECT_EQ(got.provenance.protocol, protocol == http_protocol::http2 ? "h2" : "http/1.1");
    });
  }
}

TEST(h2_message, a_server_that_answers_in_http1_is_told_apart) {
  emulator::emulator_options plain;
  plain.tls = false;
  plain.protocols = emulator::protocol_choice::http1;
  wire test({}, http2_only(), plain);
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/echo"));
    EXPECT_EQ(got.error().code, errc::http2_violation) << got.error().to_string();
    EXPECT_NE(got.error().message.find("HTTP/1"), std::string::npos) << got.error().message;
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::protocol_error), 1U);
  EXPECT_EQ(test.stats().opened, 1U) << "what breaks the protocol is not asked again";
}

TEST(h2_message, settings_that_never_come_are_not_waited_for_without_end) {
  const listener silent;  // its kernel accepts, nobody answers
  auto options = http2_only();
  options.tls_timeout = 100ms;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    request message;
    message.url = "http://127.0.0.1:" + std::to_string(silent.port()) + "/";
    const auto got = co_await test.send(message);
    EXPECT_EQ(got.error().code, errc::http2_violation) << got.error().to_string();
    EXPECT_NE(got.error().message.find("SETTINGS"), std::string::npos);
    const auto warmed = co_await test.pools.async_prewarm("default", message.url, 1, use_awaitable);
    EXPECT_TRUE(warmed.has_error());
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::protocol_error), 2U) << test.stats().to_string();
}

TEST(h2_message, sessions_are_resumed_and_counted) {
  emulator::emulator_options closing;
  closing.max_requests_per_connection = 1;
  wire test({}, http2_only(), closing);
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ((co_await test.send(test.post("/echo"))).value().provenance.tls_resumed, i > 0);
  });
  EXPECT_EQ(test.stats().tls_full, 1U);
  EXPECT_EQ(test.stats().tls_resumed, 2U);
}

}  // namespace
}  // namespace warmwire::test::h2_message_test

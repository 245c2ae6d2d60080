// Behaviours 3 and 4: what is sent a second time, and what never.
#include "wire.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace warmwire::test::replay_test {
namespace {

using fault::ending;
using fault::moment;

/// The second request meets a connection that dies under it.
emulator::script second_request_meets(fault::end how) {
  return one_rule({.request = 2}, {how});
}

pool_options with(replay_policy policy) {
  pool_options options;
  options.replay = policy;
  return options;
}

struct second_request {
  std::optional<errc> failure;
  provenance from;
  phase where = phase::none;
  std::uint64_t body_bytes = 0;
};

second_request run_second(wire& test, request message) {
  second_request seen;
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo", "first"))).has_value());
    const auto got = co_await test.send(std::move(message));
    if (got) {
      seen.from = got->provenance;
    } else {
      seen.failure = got.error().code;
      seen.where = got.error().phase;
      seen.body_bytes = got.error().body_bytes;
    }
  });
  return seen;
}

TEST(replay, behaviour_03_a_reused_connection_that_dies_unanswered_is_replayed_once_on_a_fresh_one) {
  for (const auto how : {ending::close, ending::reset}) {
    for (const auto when : {moment::before_response, moment::after_head}) {
      wire test(second_request_meets(ends(how, when)));
      const auto seen = run_second(test, test.post("/echo", std::string(200, 'x')));
      EXPECT_EQ(seen.failure, std::nullopt);
      EXPECT_EQ(seen.from.replays, 1U);
      EXPECT_EQ(seen.from.replayed_because, replay_reason::stale_connection);
      EXPECT_FALSE(seen.from.reused) << "never on a pooled connection";
      EXPECT_EQ(test.stats().replayed, 1U);
      EXPECT_EQ(test.stats().closed_for(close_reason::stale), 1U) << test.stats().to_string();
      EXPECT_EQ(test.server.report().requests, 3U) << "the first, the one that was lost, and its replay";
    }
  }
}

TEST(replay, behaviour_03_the_replay_takes_a_fresh_connection_though_pooled_ones_are_idle) {
  // Three connections are idle; whichever carries request 4 dies under it.
  wire test(
      {{{{.times = 3}, {fault::delay{100ms}}}, {{.request = 4}, {ends(ending::close, moment::before_response)}}}});
  test.run([&]() -> awaitable<void> {
    int left = 3;
    for (int i = 0; i < 3; ++i) {
      test.pools.async_send(test.post("/echo"), [&left](const result<response>& got) {
        EXPECT_TRUE(got.has_value());
        --left;
      });
    }
    co_await test.until([&] { return left == 0; });
    EXPECT_EQ(test.stats().idle, 3U);
    const auto replayed = (co_await test.send(test.post("/echo", "again"))).value();
    EXPECT_EQ(replayed.body, "again");
    EXPECT_FALSE(replayed.provenance.reused);
    EXPECT_EQ(replayed.provenance.connection_id, 4U);
  });
  EXPECT_EQ(test.server.report().requests, 5U);
}

TEST(replay, behaviour_03_never_after_a_response_byte) {
  wire test(second_request_meets(ends(ending::reset, moment::in_body, 3)));
  const auto seen = run_second(test, test.post("/echo", "0123456789"));
  EXPECT_EQ(seen.failure, errc::stream_interrupted);
  EXPECT_EQ(seen.where, phase::body);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST(replay, behaviour_03_never_on_a_connection_that_was_not_used_before) {
  wire test(one_rule({.request = 1}, {ends(ending::close, moment::before_response)}));
  test.run([&]() -> awaitable<void> {
    const auto got = co_await test.send(test.post("/echo"));
    EXPECT_TRUE(got.has_error());
    if (got.has_error()) {
      EXPECT_EQ(got.error().code, errc::connection_lost);
    }
  });
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.server.report().requests, 1U);
}

/// Ends each connection as soon as it is there, on the test's own event loop: its end is seen before a request is
/// written.
class hangs_up {
 public:
  explicit hangs_up(boost::asio::io_context& loop) : acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
  }

  [[nodiscard]] std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  void stop() { acceptor_.close(); }

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code ec, const boost::asio::ip::tcp::socket& /*ends here*/) {
      if (ec) return;
      ++accepted_;
      accept();
    });
  }

  boost::asio::ip::tcp::acceptor acceptor_;
  std::size_t accepted_ = 0;
};

TEST(replay, a_server_that_hangs_up_on_whoever_comes_is_asked_a_few_times_only) {
  for (const auto protocol : {http_protocol::http1, http_protocol::http2}) {
    pool_options options;
    options.protocol = protocol;
    wire test({}, options);
    hangs_up server(test.loop);
    test.run([&]() -> awaitable<void> {
      auto message = test.post("/echo");
      message.url = server.origin();
      message.timeout = 2s;
      const auto got = co_await test.send(std::move(message));
      EXPECT_EQ(got.error().code, errc::connection_lost) << got.error().to_string();
      server.stop();
    });
    // The first, three on whatever connection, and one more on a fresh one.
    EXPECT_LE(server.accepted(), 5U);
    EXPECT_EQ(test.stats().replayed_unsent, test.stats().opened - 1) << test.stats().to_string();
  }
}

TEST(replay, behaviour_03_at_most_once) {
  // The replay goes to a fresh connection: when that dies too, the failure is the answer.
  wire test({{{{.request = 2}, {ends(ending::close, moment::before_response)}},
              {{.request = 3}, {ends(ending::close, moment::before_response)}}}});
  const auto seen = run_second(test, test.post("/echo"));
  EXPECT_EQ(seen.failure, errc::connection_lost);
  EXPECT_EQ(test.stats().replayed, 1U);
  EXPECT_EQ(test.server.report().requests, 3U);
}

TEST(replay, behaviour_03_never_with_a_one_shot_body_that_was_read) {
  wire test(second_request_meets(ends(ending::close, moment::before_response)));
  auto message = test.post("/echo");
  const auto parts = std::make_shared<int>(0);
  message.body = body_source{[parts](const body_source::chunk_handler& done) {
                               ++*parts;
                               done(std::string(*parts == 1 ? "once" : ""));
                             },
                             std::nullopt};
  const auto seen = run_second(test, std::move(message));
  EXPECT_EQ(seen.failure, errc::connection_lost);
  EXPECT_EQ(*parts, 2);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST(replay, behaviour_03_the_policy_decides) {
  for (const auto policy : {replay_policy::never, replay_policy::unsent_only}) {
    wire test(second_request_meets(ends(ending::close, moment::before_response)), with(policy));
    EXPECT_EQ(run_second(test, test.post("/echo")).failure, errc::connection_lost);
    EXPECT_EQ(test.stats().replayed, 0U);
    EXPECT_EQ(test.server.report().requests, 2U);
  }
}

TEST(replay, behaviour_04_a_graveyard_costs_one_detection_and_one_dial) {
  constexpr int graves = 20;
  pool_options options;
  options.max_concurrent_dials = graves;
  options.dead_path_timeout = 300ms;
  // Each of 20 connections answers once, and a second and more later takes its next request to the grave.
  wire test({{{{.times = graves}, {fault::delay{200ms}}},
              {{.times = graves}, {fault::end{ending::vanish, moment::idle, 0, 0us}}}}},
            options);
  test.run([&]() -> awaitable<void> {
    int left = graves;
    for (int i = 0; i < graves; ++i) {
      test.pools.async_send(test.post("/echo"), [&left](const result<response>& got) {
        EXPECT_TRUE(got.has_value());
        --left;
      });
    }
    co_await test.until([&] { return left == 0; });
    EXPECT_EQ(test.stats().idle, static_cast<std::size_t>(graves));
    // Idle for more than a second: a path that was heard from later than that is not suspected.
    boost::asio::steady_timer second(test.loop, 1100ms);
    co_await second.async_wait(use_awaitable);

    const auto got = (co_await test.send(test.post("/echo", "alive"))).value();
    EXPECT_EQ(got.body, "alive");
    EXPECT_EQ(got.provenance.replays, 1U);
    EXPECT_EQ(test.stats().opened, graves + 1U);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::dead_path), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().closed_for(close_reason::suspect), graves - 1U);
  EXPECT_EQ(test.stats().replayed, 1U);
}

TEST(replay, behaviour_04_the_callers_deadline_holds_while_the_replay_waits_for_its_dial) {
  pool_options options;
  options.dead_path_timeout = 200ms;
  wire test({{{{.connection = 1}, {fault::end{ending::vanish, moment::idle, 0, 0us}}},
              {{.connection = 2}, {ends(ending::stall, moment::handshake)}}}},
            options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    boost::asio::steady_timer second(test.loop, 1100ms);
    co_await second.async_wait(use_awaitable);
    auto message = test.post("/echo");
    message.timeout = 500ms;
    const auto late = co_await test.send(message);
    EXPECT_EQ(late.error().code, errc::deadline_exceeded);
    EXPECT_EQ(late.error().phase, phase::queue);
    EXPECT_EQ(test.stats().replayed_stale, 1U);
  });
}

TEST(replay, a_slow_answer_on_a_live_path_is_not_taken_for_a_dead_one) {
  pool_options options;
  options.dead_path_timeout = 100ms;
  wire test(one_rule({.request = 2}, {fault::delay{700ms}}), options);
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    boost::asio::steady_timer second(test.loop, 1100ms);
    co_await second.async_wait(use_awaitable);
    const auto slow = (co_await test.send(test.post("/echo"))).value();
    EXPECT_TRUE(slow.provenance.reused);
    EXPECT_EQ(slow.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

}  // namespace
}  // namespace warmwire::test::replay_test

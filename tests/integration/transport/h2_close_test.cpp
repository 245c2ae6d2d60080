// Behaviour 25 over HTTP/2: ends that leave nothing behind.
#include "h2_wire.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace warmwire::test::h2_close_test {
namespace {

TEST(h2_close, behaviour_25_rejects_what_waits_drains_what_runs_and_opens_again) {
  wire test({}, one_connection(2));
  test.run([&]() -> awaitable<void> {
    openings running(test);
    running.start(2, test.get(unread));
    co_await running.wait_for_success();
    sendings all(test);
    all.start(test.post("/echo"));
    outcome<void> closing;
    test.pools.async_close("default", default_drain, closing.token());
    co_await all.wait();
    EXPECT_EQ(all[0].failure(), errc::pool_closed);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::pool_closed);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_FALSE(closing.has_ended());
      EXPECT_EQ((co_await read_all(running.stream(i))).value().size(), unread_bytes) << "it was let to end";
    }
    co_await test.until([&] { return closing.has_ended(); });
    EXPECT_EQ(test.stats().active + test.stats().idle + test.stats().pending, 0U);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value()) << "the next request opens it again";
  });
  EXPECT_EQ(test.stats().rejected, 2U);
  EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.history.at(0).goaway == "no-error"; }));
}

TEST(h2_close, behaviour_25_what_outlives_the_drain_is_cut) {
  wire test(rules("path /status: stall"), one_connection());
  test.run([&]() -> awaitable<void> {
    sendings running(test);
    running.start(5, test.get("/status/200"));
    openings streams(test);
    streams.start(3, test.get(unread));
    co_await streams.wait_for_success();
    EXPECT_TRUE((co_await test.pools.async_close("default", 50ms, use_awaitable)).has_value());
    co_await running.wait();
    EXPECT_EQ(running.count(errc::pool_closed), 5U);
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_EQ((co_await streams.stream(i).async_read(use_awaitable)).error().code, errc::pool_closed);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::closed_by_user), 1U) << test.stats().to_string();
}

TEST(h2_close, behaviour_25_a_held_place_does_not_hold_up_the_close) {
  wire test(rules("request 2: mute after head"), one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    sendings swallowed(test);
    swallowed.start(test.post("/echo"));
    co_await test.until([&] { return test.server.report().requests == 2; });
    swallowed[0].cancel();
    co_await swallowed.wait();
    EXPECT_EQ(test.stats().streams, 1U);
    EXPECT_TRUE((co_await test.pools.async_close("default", 0ms, use_awaitable)).has_value());
    EXPECT_EQ(test.stats().streams, 0U);
  });
}

TEST(h2_close, behaviour_25_cancelling_the_close_cuts_its_drain_short) {
  wire test(rules("all: stall"), one_connection());
  test.run([&]() -> awaitable<void> {
    sendings running(test);
    running.start(3, test.post("/echo"));
    co_await test.until([&] { return test.stats().streams == 3; });
    outcome<void> closing;
    test.pools.async_close("default", 24h, closing.token());
    co_await boost::asio::post(test.loop, use_awaitable);
    closing.cancel();
    co_await test.until([&] { return closing.has_ended(); });
    co_await running.wait();
    EXPECT_EQ(running.count(errc::pool_closed), 3U);
  });
}

TEST(h2_close, behaviour_25_closing_twice_at_once_is_fine) {
  wire test(rules("all: delay 100ms"), one_connection());
  test.run([&]() -> awaitable<void> {
    sendings running(test);
    running.start(3, test.post("/echo"));
    co_await test.until([&] { return test.stats().streams == 3; });
    outcome<void> one;
    outcome<void> other;
    test.pools.async_close("default", default_drain, one.token());
    test.pools.async_close_all(default_drain, other.token());
    co_await test.until([&] { return one.has_ended() && other.has_ended(); });
    co_await running.wait();
    EXPECT_EQ(running.count(std::nullopt), 3U);
  });
}

TEST(h2_close, behaviour_25_a_stream_that_is_dropped_while_it_is_read_ends_its_read) {
  wire test(rules("all: stall after 10 bytes"), one_connection());
  test.run([&]() -> awaitable<void> {
    for (const auto* path : {"/bytes/100", "/bytes/10000000"}) {
      auto stream = (co_await open(test, test.get(path))).value();
      EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
      outcome<std::string> reading;
      stream.async_read(reading.token());
      co_await boost::asio::post(test.loop, use_awaitable);
      stream = {};
      co_await test.until([&] { return reading.has_ended(); });
      EXPECT_EQ(reading.failure(), errc::cancelled);
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(h2_close, behaviour_25_the_end_of_a_dead_peer_is_not_waited_for) {
  wire test(rules("request 2: vanish"), one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    sendings lost(test);
    lost.start(1, test.post("/echo"));
    co_await test.until([&] { return !test.server.report().history.at(0).ended_by.empty(); });
    EXPECT_TRUE((co_await test.pools.async_close("default", 0ms, use_awaitable)).has_value());
    co_await lost.wait();
    EXPECT_EQ(lost.count(errc::pool_closed), 1U);
  });
}

/// A transport outside of a coroutine, for what happens to it there.
struct bare {
  explicit bare(std::string_view faults, pool_options options = http2_only())
      : server([&] {
          emulator::emulator_options made;
          made.script = rules(faults);
          return made;
        }()),
        pools(std::in_place, loop.get_executor()) {
    options.tls.emplace().ca_file = server.ca_file();
    pools->configure("default", options).value();
  }

  [[nodiscard]] request get(const std::string& path) const {
    request message;
    message.url = server.origin() + path;
    return message;
  }
  void run_until(const std::function<bool()>& condition) {
    while (!condition())
      loop.run_one_for(hang);
  }

  emulator::server server;
  boost::asio::io_context loop{1};
  std::optional<transport> pools;
};

TEST(h2_close, behaviour_25_a_stream_may_outlive_its_transport) {
  bare test("");
  bool checked = false;
  boost::asio::co_spawn(
      test.loop,
      [&]() -> awaitable<void> {
        auto stream = (co_await test.pools->async_open(test.get("/bytes/10000000"), use_awaitable)).value();
        auto other = (co_await test.pools->async_open(test.get("/bytes/10000000"), use_awaitable)).value();
        EXPECT_FALSE((co_await stream.async_read(use_awaitable)).value().empty());
        test.pools.reset();
        EXPECT_EQ(stream.status(), 200);
        EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::pool_closed);
        EXPECT_EQ((co_await other.async_read(use_awaitable)).error().code, errc::pool_closed);
        checked = true;
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  loop_slices::run(test.loop, hang);
  EXPECT_TRUE(test.loop.stopped());
  EXPECT_TRUE(checked);
}

TEST(h2_close, behaviour_25_destroying_a_transport_with_everything_under_way_leaks_nothing) {
  // Run by LeakSanitizer: nothing runs after the destructor, so whatever is left must be freed with the loop.
  auto options = http2_only();
  options.max_streams = options.target_streams = 4;
  options.max_h2_connections = 2;
  bare test(
      "connection 2: stall in handshake\n"
      "path /status: stall\n"
      "path /bytes/100: stall after 10 bytes",
      options);
  std::optional<response_stream> opened;
  std::size_t reads = 0;
  test.pools->async_open(test.get("/bytes/100"), [&](result<response_stream> got) {
    opened.emplace(std::move(got).value());
    opened->async_read([&](const result<std::string>&) {
      ++reads;
      opened->async_read([](const result<std::string>&) {});
    });
  });
  test.run_until([&] { return reads == 1; });
  for (int i = 0; i < 10; ++i)
    test.pools->async_send(test.get("/status/200"), [](const result<response>&) {});
  test.pools->async_prewarm("default", test.server.origin(), 2, [](const result<void>&) {});
  test.run_until([&] { return test.server.report().connections == 2; });
  const auto now = test.pools->stats("default");
  EXPECT_EQ(now.streams, 4U);
  EXPECT_EQ(now.connecting, 1U);
  EXPECT_GT(now.pending, 0U);
  test.pools.reset();
}

TEST(h2_close, behaviour_25_a_close_that_is_under_way_when_everything_is_destroyed_leaks_nothing) {
  bare test("all: stall");
  for (int i = 0; i < 5; ++i)
    test.pools->async_send(test.get("/echo"), [](const result<response>&) {});
  test.run_until([&] { return test.pools->stats("default").streams == 5; });
  test.pools->async_close("default", 24h, [](const result<void>&) {});
  test.loop.poll();
  test.pools.reset();
}

/// Runs `in_child` in a fork, which must do no harm to the connection, and waits for its end.
void in_fork(boost::asio::io_context& loop, const std::function<bool()>& in_child) {
  loop.notify_fork(boost::asio::io_context::fork_prepare);
  const pid_t child = ::fork();
  loop.notify_fork(child == 0 ? boost::asio::io_context::fork_child : boost::asio::io_context::fork_parent);
  if (child == 0) ::_exit(in_child() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(h2_close, behaviour_25_a_fork_leaves_open_streams_to_its_parent) {
  auto options = one_connection();
  options.ping_after = 10ms;
  options.ping_timeout = 10ms;
  wire test({}, options);
  test.run([&]() -> awaitable<void> {
    openings streams(test);
    streams.start(3, test.get(unread));
    co_await streams.wait_for_success();
    std::size_t size = (co_await streams.stream(0).async_read(use_awaitable)).value().size();
    in_fork(test.loop, [&] {
      // None of these may read or write: a stream that is dropped, one that is read, time that passes, a new request.
      streams.stream(1) = {};
      std::optional<errc> read;
      streams.stream(2).async_read([&](const result<std::string>& got) { read = got.error().code; });
      std::optional<errc> refused;
      test.pools.async_send(test.post("/echo"), [&](const result<response>& got) { refused = got.error().code; });
      const auto until = std::chrono::steady_clock::now() + 50ms;
      while (!read || !refused || std::chrono::steady_clock::now() < until)
        test.loop.poll_one();
      test.pools.network_changed();
      test.pools = transport(test.loop.get_executor());  // destroys the inherited one
      test.loop.poll();
      return read == errc::forked && refused == errc::forked;
    });
    size += (co_await read_all(streams.stream(0))).value().size();
    EXPECT_EQ(size, unread_bytes);
    EXPECT_EQ((co_await read_all(streams.stream(1))).value().size(), unread_bytes);
    EXPECT_EQ((co_await read_all(streams.stream(2))).value().size(), unread_bytes);
    const auto after = (co_await test.send(test.post("/echo"))).value();
    EXPECT_TRUE(after.provenance.reused);
    EXPECT_EQ(after.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.server.report().requests, 4U);
}

TEST(h2_close, behaviour_25_a_fork_leaves_an_idle_connection_to_its_parent) {
  wire test({}, http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    in_fork(test.loop, [&] {
      test.pools.close_idle();
      test.loop.poll();
      test.pools = transport(test.loop.get_executor());
      return true;
    });
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

}  // namespace
}  // namespace warmwire::test::h2_close_test

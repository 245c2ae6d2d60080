// Behaviour 25: ends that leave nothing behind.
#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <sys/wait.h>
#include <unistd.h>

namespace warmwire::test::close_test {
namespace {

using fault::ending;
using fault::moment;

struct watched {
  std::optional<errc> failure;
  bool ended = false;
};

void start(wire& test, request message, watched& seen) {
  test.pools.async_send(std::move(message), [&seen](const result<response>& got) {
    seen.ended = true;
    if (got.has_error()) seen.failure = got.error().code;
  });
}

TEST(close, behaviour_25_rejects_what_waits_drains_what_runs_and_opens_again) {
  pool_options one;
  one.max_connections = 1;
  wire test(one_rule({.request = 1}, {fault::delay{300ms}}), one);
  test.run([&]() -> awaitable<void> {
    watched running;
    watched queued;
    watched late;
    start(test, test.post("/echo"), running);
    co_await test.until([&] { return test.stats().active == 1; });
    start(test, test.post("/echo"), queued);
    co_await test.until([&] { return test.stats().pending == 1; });
    bool closed = false;
    test.pools.async_close("default", default_drain, [&](const result<void>&) { closed = true; });
    co_await test.until([&] { return queued.ended; });
    EXPECT_EQ(queued.failure, errc::pool_closed);
    start(test, test.post("/echo"), late);
    co_await test.until([&] { return late.ended; });
    EXPECT_EQ(late.failure, errc::pool_closed);
    EXPECT_FALSE(running.ended);
    co_await test.until([&] { return closed; });
    EXPECT_TRUE(running.ended) << "it was let to end";
    EXPECT_EQ(running.failure, std::nullopt);
    EXPECT_EQ(test.stats().active + test.stats().idle + test.stats().pending, 0U);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value()) << "the next request opens it again";
  });
  EXPECT_EQ(test.stats().rejected, 2U);
}

TEST(close, behaviour_25_what_outlives_the_drain_is_cut) {
  wire test(one_rule({}, {ends(ending::stall, moment::before_response)}));
  test.run([&]() -> awaitable<void> {
    watched running;
    start(test, test.post("/echo"), running);
    co_await test.until([&] { return test.stats().active == 1; });
    EXPECT_TRUE((co_await test.pools.async_close("default", 50ms, use_awaitable)).has_value());
    EXPECT_TRUE(running.ended);
    EXPECT_EQ(running.failure, errc::pool_closed);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::closed_by_user), 1U);
}

TEST(close, behaviour_25_ends_dials_in_every_phase) {
  for (const auto when : {moment::accept, moment::handshake}) {
    wire test(one_rule({.every = 1}, {ends(ending::stall, when)}));
    test.run([&]() -> awaitable<void> {
      watched dialing;
      start(test, test.post("/echo"), dialing);
      co_await test.until([&] { return test.stats().connecting == 1; });
      EXPECT_TRUE(test.server.wait_for([](const auto& seen) { return seen.connections == 1; }));
      EXPECT_TRUE((co_await test.pools.async_close("default", 0ms, use_awaitable)).has_value());
      EXPECT_EQ(dialing.failure, errc::pool_closed);
    });
  }
}

TEST(close, behaviour_25_closing_twice_at_once_or_what_was_never_used_is_fine) {
  wire test(one_rule({}, {fault::delay{200ms}}));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.pools.async_close("never used", 0ms, use_awaitable)).has_value());
    watched running;
    start(test, test.post("/echo"), running);
    co_await test.until([&] { return test.stats().active == 1; });
    int closed = 0;
    test.pools.async_close("default", default_drain, [&](const result<void>&) { ++closed; });
    test.pools.async_close_all(default_drain, [&](const result<void>&) { ++closed; });
    co_await test.until([&] { return closed == 2; });
    EXPECT_EQ(running.failure, std::nullopt);
    EXPECT_TRUE((co_await test.pools.async_close_all(0ms, use_awaitable)).has_value());
  });
}

TEST(close, behaviour_25_cancelling_the_close_cuts_its_drain_short) {
  wire test(one_rule({}, {ends(ending::stall, moment::before_response)}));
  test.run([&]() -> awaitable<void> {
    watched running;
    start(test, test.post("/echo"), running);
    co_await test.until([&] { return test.stats().active == 1; });
    boost::asio::cancellation_signal cut;
    bool closed = false;
    test.pools.async_close(
        "default", 24h, boost::asio::bind_cancellation_slot(cut.slot(), [&](const result<void>&) { closed = true; }));
    co_await boost::asio::post(test.loop, use_awaitable);
    cut.emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return closed; });
    EXPECT_EQ(running.failure, errc::pool_closed);
  });
}

TEST(close, behaviour_25_cancelling_the_close_of_all_cuts_every_pool_short) {
  wire test(one_rule({}, {ends(ending::stall, moment::before_response)}));
  pool_options trusting;
  trusting.tls.emplace().ca_file = test.server.ca_file();
  test.pools.configure("another", trusting).value();
  test.run([&]() -> awaitable<void> {
    watched first;
    watched second;
    start(test, test.post("/echo"), first);
    auto other = test.post("/echo");
    other.provider = "another";
    start(test, other, second);
    co_await test.until([&] { return test.stats().active == 1 && test.pools.stats("another").active == 1; });
    boost::asio::cancellation_signal cut;
    bool closed = false;
    test.pools.async_close_all(
        24h, boost::asio::bind_cancellation_slot(cut.slot(), [&](const result<void>&) { closed = true; }));
    co_await boost::asio::post(test.loop, use_awaitable);
    cut.emit(boost::asio::cancellation_type::terminal);
    co_await test.until([&] { return closed; });
    EXPECT_EQ(first.failure, errc::pool_closed);
    EXPECT_EQ(second.failure, errc::pool_closed);
  });
}

TEST(close, behaviour_25_a_stream_that_is_dropped_while_it_is_read_ends_its_read) {
  wire test(one_rule({}, {ends(ending::stall, moment::in_body, 10)}));
  test.run([&]() -> awaitable<void> {
    for (const auto* path : {"/bytes/100", "/bytes/10000000"}) {
      auto stream = (co_await test.pools.async_open(test.get(path), use_awaitable)).value();
      EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
      std::optional<errc> failure;
      stream.async_read([&](const result<std::string>& got) { failure = got.error().code; });
      co_await boost::asio::post(test.loop, use_awaitable);
      stream = {};
      co_await test.until([&] { return failure.has_value(); });
      EXPECT_EQ(failure, errc::cancelled);
    }
  });
}

TEST(close, behaviour_25_a_stream_that_is_dropped_while_nothing_runs_is_drained_later_or_never) {
  wire test(one_rule({}, {fault::slow{std::size_t{600}, 20ms}}));
  std::optional<response_stream> stream;
  boost::asio::co_spawn(
      test.loop,
      [&]() -> awaitable<void> {
        stream = (co_await test.pools.async_open(test.get("/bytes/1000"), use_awaitable)).value();
        test.loop.stop();
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  loop_slices::run(test.loop, hang);
  stream.reset();
  test.run([&]() -> awaitable<void> { co_await test.until([&] { return test.stats().active == 0; }); });
}

TEST(close, behaviour_25_a_close_that_is_under_way_when_everything_is_destroyed_leaks_nothing) {
  emulator::emulator_options stalling;
  stalling.script = one_rule({}, {ends(ending::stall, moment::before_response)});
  emulator::server server(stalling);
  boost::asio::io_context loop(1);
  {
    transport pools(loop.get_executor());
    pool_options trusting;
    trusting.tls.emplace().ca_file = server.ca_file();
    pools.configure("default", trusting).value();
    request message;
    message.url = server.origin() + "/echo";
    pools.async_send(message, [](const result<response>&) {});
    while (pools.stats("default").active == 0)
      loop.run_one_for(hang);
    pools.async_close("default", 24h, [](const result<void>&) {});
    loop.poll();
  }
}

TEST(close, behaviour_25_close_idle_spares_what_runs) {
  wire test(one_rule({.request = 2}, {fault::delay{200ms}}));
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    watched running;
    start(test, test.post("/echo"), running);
    watched another;
    start(test, test.post("/echo"), another);
    co_await test.until([&] { return another.ended; });
    EXPECT_EQ(test.pools.close_idle(), 1U);
    co_await test.until([&] { return running.ended; });
    EXPECT_EQ(running.failure, std::nullopt);
  });
}

TEST(close, behaviour_25_a_stream_may_outlive_its_transport) {
  emulator::server server({});
  boost::asio::io_context loop(1);
  auto pools = std::make_optional<transport>(loop.get_executor());
  pool_options trusting;
  trusting.tls.emplace().ca_file = server.ca_file();
  pools->configure("default", trusting).value();
  bool checked = false;
  boost::asio::co_spawn(
      loop,
      [&]() -> awaitable<void> {
        request message;
        message.url = server.origin() + "/bytes/10000000";
        auto stream = (co_await pools->async_open(message, use_awaitable)).value();
        EXPECT_FALSE((co_await stream.async_read(use_awaitable)).value().empty());
        pools.reset();
        EXPECT_EQ(stream.status(), 200);
        EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::pool_closed);
        checked = true;
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  loop_slices::run(loop, hang);
  EXPECT_TRUE(loop.stopped());
  EXPECT_TRUE(checked);
}

TEST(close, behaviour_25_destroying_a_transport_with_everything_under_way_leaks_nothing) {
  // Run by LeakSanitizer: nothing runs after the destructor, so whatever is left must be freed with the loop.
  emulator::emulator_options stalling;
  stalling.script = {{{{.connection = 1}, {ends(ending::stall, moment::before_response)}},
                      {{.connection = 2}, {ends(ending::stall, moment::handshake)}}}};
  emulator::server server(stalling);
  boost::asio::io_context loop(1);
  {
    transport pools(loop.get_executor());
    pool_options two;
    two.max_connections = 2;
    two.tls.emplace().ca_file = server.ca_file();
    pools.configure("default", two).value();
    for (int i = 0; i < 5; ++i) {
      request message;
      message.url = server.origin() + "/echo";
      pools.async_send(message, [](const result<response>&) {});
    }
    while (pools.stats("default").active == 0 || pools.stats("default").pending == 0)
      loop.run_one_for(hang);
  }
}

TEST(close, behaviour_25_a_fork_leaves_an_open_stream_to_its_parent) {
  wire test;
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await test.pools.async_open(test.get("/bytes/3000000"), use_awaitable)).value();
    std::size_t size = (co_await stream.async_read(use_awaitable)).value().size();
    test.loop.notify_fork(boost::asio::io_context::fork_prepare);
    const pid_t child = ::fork();
    test.loop.notify_fork(child == 0 ? boost::asio::io_context::fork_child : boost::asio::io_context::fork_parent);
    if (child == 0) {
      stream = {};  // must neither read nor write
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    for (;;) {
      const auto chunk = (co_await stream.async_read(use_awaitable)).value();
      if (chunk.empty()) break;
      size += chunk.size();
    }
    EXPECT_EQ(size, 3'000'000U);
  });
}

TEST(close, behaviour_25_a_fork_refuses_what_it_inherited_and_harms_nothing) {
  wire test;
  test.run([&]() -> awaitable<void> {
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
    test.loop.notify_fork(boost::asio::io_context::fork_prepare);
    const pid_t child = ::fork();
    test.loop.notify_fork(child == 0 ? boost::asio::io_context::fork_child : boost::asio::io_context::fork_parent);
    if (child == 0) {
      std::optional<errc> refused;
      test.pools.async_send(test.post("/echo"), [&](const result<response>& got) { refused = got.error().code; });
      while (!refused)
        test.loop.poll_one();
      test.pools = transport(test.loop.get_executor());  // destroys the inherited one
      ::_exit(refused == errc::forked ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    const auto after = (co_await test.send(test.post("/echo"))).value();
    EXPECT_TRUE(after.provenance.reused) << "the child's end did not close the parent's connection";
    EXPECT_EQ(after.provenance.replays, 0U);
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

}  // namespace
}  // namespace warmwire::test::close_test

// Behaviours 21 and 23, and bodies in both directions.
#include "wire.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace warmwire::test::stream_test {
namespace {

using fault::ending;
using fault::moment;

TEST(stream, a_body_arrives_piece_by_piece_and_its_connection_is_used_again) {
  wire test;
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      auto stream = (co_await open(test, test.get("/chunked/100000"))).value();
      EXPECT_EQ(stream.status(), 200);
      EXPECT_EQ((co_await read_all(stream)).value().size(), 100'000U);
      EXPECT_EQ((co_await stream.async_read(use_awaitable)).value(), "") << "the end stays the end";
      EXPECT_EQ(stream.provenance().reused, i == 1);
      EXPECT_EQ(test.stats().idle, 1U) << "given back at its end, not with the object";
    }
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(stream, behaviour_21_an_event_stream_left_at_its_last_event_gives_its_connection_back) {
  wire test(one_rule({.path = "/echo"}, {fault::framing{fault::body_framing::chunked}}));
  test.run([&]() -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      auto stream = (co_await open(test, test.post("/echo", "data: [DONE]\n\n"))).value();
      const auto event = (co_await stream.async_read(use_awaitable)).value();
      EXPECT_NE(event.find("[DONE]"), std::string::npos);
      // Dropped here: the chunked terminator may still be on its way.
    }
    co_await test.until([&] { return test.stats().active == 0; });
  });
  EXPECT_EQ(test.stats().opened, 1U);
  EXPECT_EQ(test.stats().reused, 4U);
}

TEST(stream, behaviour_21_a_terminator_that_comes_late_is_waited_for) {
  // The body comes in two pieces, 50 ms apart.
  wire test(one_rule({.request = 1}, {fault::slow{std::size_t{700}, 50ms}}));
  test.run([&]() -> awaitable<void> {
    {
      auto stream = (co_await open(test, test.get("/bytes/1000"))).value();
      (void)(co_await stream.async_read(use_awaitable)).value();
    }
    co_await test.until([&] { return test.stats().active == 0; });
    EXPECT_EQ(test.stats().idle, 1U);
    EXPECT_TRUE((co_await test.send(test.get("/bytes/1"))).value().provenance.reused);
  });
}

TEST(stream, behaviour_21_a_rest_that_is_too_long_or_too_slow_is_not_waited_for) {
  wire test(one_rule({.request = 2}, {ends(ending::stall, moment::in_body, 10)}));
  test.run([&]() -> awaitable<void> {
    (void)co_await open(test, test.get("/bytes/10000000"));
    co_await test.until([&] { return test.stats().active == 0; });
    EXPECT_EQ(test.stats().closed_for(close_reason::body_abandoned), 1U) << "10 MB are not drained";
    (void)co_await open(test, test.get("/bytes/100"));
    co_await test.until([&] { return test.stats().active == 0; });
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::body_abandoned), 2U) << test.stats().to_string();
}

TEST(stream, behaviour_23_a_first_byte_may_take_longer_than_any_inactivity) {
  pool_options impatient;
  impatient.inactivity_timeout = 100ms;
  impatient.stream_idle_timeout = 100ms;
  wire test(one_rule({}, {fault::delay{600ms}}), impatient);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_TRUE((co_await open(test, test.post("/echo"))).has_value());
  });
}

TEST(stream, behaviour_23_silence_inside_a_response_ends_it) {
  pool_options impatient;
  impatient.inactivity_timeout = 150ms;
  impatient.stream_idle_timeout = 200ms;
  wire test(one_rule({}, {ends(ending::stall, moment::in_body, 10)}), impatient);
  test.run([&]() -> awaitable<void> {
    const auto whole = co_await test.send(test.get("/bytes/100"));
    EXPECT_EQ(whole.error().code, errc::inactivity_timeout);
    EXPECT_EQ(whole.error().phase, phase::body);
    EXPECT_EQ(whole.error().body_bytes, 10U);
    EXPECT_EQ(whole.error().http_status, 200);
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    const auto silent = co_await stream.async_read(use_awaitable);
    EXPECT_EQ(silent.error().code, errc::stream_idle_timeout);
    EXPECT_EQ(silent.error().body_bytes, 10U);
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::stream_idle_timeout);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::timeout), 2U);
  EXPECT_EQ(test.stats().replayed, 0U);
}

TEST(stream, behaviour_23_every_byte_counts_as_a_sign_of_life) {
  pool_options impatient;
  impatient.stream_idle_timeout = 500ms;
  // Some 30 pieces of 10 bytes, 50 ms apart: longer in all than the limit, never silent for as long.
  wire test(one_rule({}, {fault::slow{std::size_t{10}, 50ms}}), impatient);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await read_all(stream)).value().size(), 100U);
  });
}

TEST(stream, behaviour_23_a_reader_that_pauses_is_not_a_silent_server) {
  pool_options impatient;
  impatient.stream_idle_timeout = 100ms;
  wire test({}, impatient);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/3000000"))).value();
    std::size_t size = 0;
    for (int i = 0; i < 3; ++i) {
      size += (co_await stream.async_read(use_awaitable)).value().size();
      boost::asio::steady_timer pause(test.loop, 250ms);
      co_await pause.async_wait(use_awaitable);
    }
    EXPECT_EQ(size + (co_await read_all(stream)).value().size(), 3'000'000U);
  });
}

TEST(stream, behaviour_23_a_silence_after_a_pause_of_the_reader_ends_the_stream) {
  pool_options impatient;
  impatient.inactivity_timeout = 100ms;
  impatient.stream_idle_timeout = 100ms;
  wire test(one_rule({}, {ends(ending::stall, moment::in_body, 10)}), impatient);
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/100"))).value();
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).value().size(), 10U);
    boost::asio::steady_timer pause(test.loop, 250ms);  // longer than any look at the deadline was to come after
    co_await pause.async_wait(use_awaitable);
    EXPECT_EQ((co_await stream.async_read(use_awaitable)).error().code, errc::stream_idle_timeout);
  });
}

TEST(stream, behaviour_23_a_streamed_upload_that_stalls_ends_by_its_own_limit) {
  pool_options limits;
  limits.inactivity_timeout = 300ms;
  limits.stream_idle_timeout = 50ms;  // the shorter limit is not that of writing
  wire test(one_rule({}, {ends(ending::vanish, moment::after_head)}), limits);
  test.run([&]() -> awaitable<void> {
    const auto stuck = co_await open(test, test.post("/echo", std::string(50'000'000, 'x')));
    EXPECT_EQ(stuck.error().code, errc::inactivity_timeout);
    EXPECT_EQ(stuck.error().phase, phase::write);
  });
}

TEST(stream, behaviour_23_an_interim_response_does_not_start_the_clock_of_the_answer) {
  pool_options impatient;
  impatient.inactivity_timeout = 100ms;
  wire test(one_rule({}, {fault::interim{103, 2}, fault::delay{500ms}}), impatient);
  test.run([&]() -> awaitable<void> { EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping"); });
}

TEST(stream, behaviour_23_the_total_deadline_bounds_everything_and_the_callers_wins) {
  pool_options total;
  total.total_timeout = 100ms;
  wire test(one_rule({}, {ends(ending::stall, moment::before_response)}), total);
  test.run([&]() -> awaitable<void> {
    const auto pools = co_await test.send(test.post("/echo"));
    EXPECT_EQ(pools.error().code, errc::deadline_exceeded);
    EXPECT_EQ(pools.error().phase, phase::first_byte);
    auto message = test.post("/echo");
    message.timeout = 300ms;
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ((co_await test.send(message)).error().code, errc::deadline_exceeded);
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
    message.timeout = 0ms;
    EXPECT_EQ((co_await test.send(message)).error().code, errc::invalid_option);
  });
}

TEST(stream, a_reader_that_stops_reading_stops_the_server) {
  wire test;
  test.run([&]() -> awaitable<void> {
    auto stream = (co_await open(test, test.get("/bytes/50000000"))).value();
    const auto first = (co_await stream.async_read(use_awaitable)).value();
    EXPECT_LE(first.size(), 1'000'000U) << "what nobody asked for stays in the socket";
  });
}

/// g++ 12 cannot keep an initializer list in a coroutine's frame.
template <class... Text>
std::vector<std::string> parts(Text... text) {
  return {text...};
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

TEST(stream, a_request_body_is_sent_while_it_is_produced) {
  wire test;
  test.run([&]() -> awaitable<void> {
    const std::string large(100'000, 'x');
    auto chunked = test.post("/echo");
    chunked.body = from_a_thread(parts("one ", "two ", large));
    EXPECT_EQ((co_await test.send(chunked)).value().body, "one two " + large);
    auto sized = test.post("/echo");
    sized.body = from_a_thread(parts("one ", "two"), 7);
    EXPECT_EQ((co_await test.send(sized)).value().body, "one two");
  });
  EXPECT_EQ(test.stats().opened, 1U);
}

TEST(stream, a_body_source_that_breaks_its_word_fails_the_request_alone) {
  wire test;
  test.run([&]() -> awaitable<void> {
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
    throws.next = [](const body_source::chunk_handler&) { throw 42; };
    EXPECT_EQ(co_await fails_with(throws), errc::request_body_failed);
    body_source fails;
    fails.next = [](const body_source::chunk_handler& done) {
      error why;
      why.message = "the disk is gone";
      done(why);
    };
    EXPECT_EQ(co_await fails_with(fails), errc::request_body_failed);
    EXPECT_EQ(co_await fails_with(body_source()), errc::request_body_failed);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
  });
}

TEST(stream, a_body_source_may_answer_when_everything_is_gone) {
  body_source::chunk_handler late;
  {
    wire test;
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

TEST(stream, a_body_over_the_limit_is_refused) {
  pool_options small;
  small.max_request_body_bytes = 10;
  small.max_response_body_bytes = 1000;
  wire test({}, small);
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo", "01234567890"))).error().code, errc::request_too_large);
    EXPECT_EQ(test.stats().opened, 0U) << "before anything was dialed";
    auto endless = test.post("/echo");
    endless.body = from_a_thread(parts("01234", "56789", "0"));
    EXPECT_EQ((co_await test.send(endless)).error().code, errc::request_too_large);
    EXPECT_EQ((co_await test.send(test.get("/bytes/1001"))).error().code, errc::response_too_large);
    EXPECT_EQ((co_await test.send(test.get("/chunked/1001"))).error().code, errc::response_too_large);
    auto stream = (co_await open(test, test.get("/bytes/1001"))).value();
    EXPECT_EQ((co_await read_all(stream)).value().size(), 1001U) << "a streamed body has no limit";
  });
}

TEST(stream, an_answer_that_comes_before_the_body_was_sent_is_heard) {
  wire test(one_rule({.request = 1}, {fault::status{413}, fault::early{}}));
  test.run([&]() -> awaitable<void> {
    const auto early = co_await test.send(test.post("/echo", std::string(30'000'000, 'x')));
    EXPECT_EQ(early.value().status, 413);
    EXPECT_TRUE((co_await test.send(test.post("/echo"))).has_value());
  });
}

// As curl does: only a refusal, or the server's leaving, ends an upload that was answered early.
TEST(stream, an_upload_goes_on_behind_an_answer_that_is_no_refusal) {
  emulator::emulator_options server;
  server.record = true;
  wire test(one_rule({}, {fault::status{200}, fault::early{}, fault::body{"ok"}}), {}, server);
  test.run([&]() -> awaitable<void> {
    const auto early = co_await test.send(test.post("/echo", std::string(30'000'000, 'x')));
    EXPECT_EQ(early.value().body, "ok");
    auto stream = (co_await open(test, test.post("/echo", std::string(30'000'000, 'x')))).value();
    EXPECT_EQ((co_await read_all(stream)).value(), "ok");
    auto produced = test.post("/echo");
    produced.body = from_a_thread(std::vector<std::string>(1'000, std::string(10'000, 'x')));
    EXPECT_EQ((co_await test.send(produced)).value().body, "ok");
  });
  EXPECT_EQ(test.stats().opened, 1U) << "a connection whose request was read to its end may be used again";
  ASSERT_TRUE(test.server.wait_for([](const auto& now) { return now.arrivals.size() == 3; }, hang));
  const auto seen = test.server.report();
  for (const auto& each : seen.arrivals)
    EXPECT_TRUE(each.complete);
}

/// Answers in full before it has read the request, and reads no further.
class early_server {
 public:
  enum class then : std::uint8_t { ends, stays };

  explicit early_server(then what) : serving_([this, what] { serve(what); }) {}
  early_server(const early_server&) = delete;
  early_server& operator=(const early_server&) = delete;
  ~early_server() {
    over_.set_value();
    serving_.join();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }

 private:
  using tcp = boost::asio::ip::tcp;

  void serve(then what) {
    auto socket = acceptor_.accept();
    std::array<char, 1000> some{};
    boost::system::error_code ec;
    socket.read_some(boost::asio::buffer(some), ec);
    boost::asio::write(socket, boost::asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), ec);
    if (what == then::ends) socket.shutdown(tcp::socket::shutdown_send, ec);
    over_.get_future().wait();  // what the client sends stays unread
  }

  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)};
  std::promise<void> over_;
  std::thread serving_;
};

TEST(stream, an_upload_that_was_answered_ends_with_the_connection_or_the_time) {
  for (const auto then : {early_server::then::ends, early_server::then::stays}) {
    const early_server server(then);
    pool_options options;
    options.inactivity_timeout = then == early_server::then::ends ? 60'000ms : 300ms;
    wire test({}, options);
    test.run([&]() -> awaitable<void> {
      auto message = test.post("/echo", std::string(30'000'000, 'x'));
      message.url = server.url();
      const auto answer = co_await test.send(message);
      EXPECT_EQ(answer.value().body, "ok") << "what is complete stays so";
    });
  }
}

TEST(stream, large_bodies_travel_whole) {
  wire test;
  test.run([&]() -> awaitable<void> {
    std::string large(5'000'000, ' ');
    for (std::size_t i = 0; i < large.size(); ++i)
      large[i] = static_cast<char>('a' + i % 23);
    const auto echoed = co_await test.send(test.post("/echo", large));
    EXPECT_TRUE(echoed.value().body == large);
  });
}

}  // namespace
}  // namespace warmwire::test::stream_test

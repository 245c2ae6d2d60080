// Behaviour 22 at length: ten thousand requests, most of them cancelled wherever they are, while the emulator
// misbehaves at random. Afterwards nothing is left, and everything can be used.
#include "tests/random_faults.hpp"
#include "wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

namespace warmwire::test::cancellations_test {
namespace {

constexpr int total = 10'000;
constexpr int at_once = 60;
constexpr int requests_of_a_script = 250;
constexpr std::size_t h1_connections = 20;
constexpr std::size_t h2_connections = 4;
constexpr std::size_t streams = 10;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

emulator::emulator_options busy_server() {
  emulator::emulator_options options;
  options.record = false;
  options.latency = 2ms;  // there is a time before the head, however fast the machine is
  options.max_concurrent_streams = streams;
  return options;
}

pool_options limits(http_protocol protocol) {
  pool_options options;
  options.protocol = protocol;
  options.max_connections = h1_connections;
  options.max_h2_connections = h2_connections;
  options.max_pending = 200;
  return options;
}

/// So that what has fallen silent is given up soon.
pool_options impatient(pool_options options) {
  options.tls_timeout = 100ms;
  options.inactivity_timeout = 50ms;
  options.ping_after = 20ms;
  options.ping_timeout = 100ms;
  options.drain_timeout = 5ms;
  options.dial_backoff_max = 20ms;
  return options;
}

emulator::script roll(dice& from, http_protocol protocol) {
  random_faults faults(from, {20, 80}, {5, 15});
  faults.add(faults_of_both).add(std::array<std::string_view, 1>{"status 500"});
  protocol == http_protocol::http1 ? faults.add(faults_of_http1) : faults.add(faults_of_http2);
  return faults.script();
}

struct cancellations : ::testing::TestWithParam<http_protocol> {
  [[nodiscard]] bool is_h1() const { return GetParam() == http_protocol::http1; }
  [[nodiscard]] std::size_t slots() const { return is_h1() ? h1_connections : h2_connections * streams; }
};

/// Where requests were when they were cancelled.
struct struck {
  [[nodiscard]] bool everywhere() const { return std::min({queued, while_dialing, before_head, in_body}) > 0; }

  int queued = 0;
  int while_dialing = 0;
  int before_head = 0;
  int in_body = 0;
};

/// Sends one request after another, to be cancelled by chance.
class restless_caller {
 public:
  restless_caller(wire& test, dice& from, struck& seen) : test_(test), dice_(from), seen_(seen) {}

  awaitable<void> send_one() {
    auto message = test_.post("/echo", std::string(200, 'x'));
    message.timeout = 300ms;
    // Half come early; the others reach later phases on a slow machine, too.
    const auto cancel_after = std::chrono::microseconds(draw(dice_, 0, draw(dice_, 0, 1) == 0 ? 4'000 : 60'000));
    const bool cancels = draw(dice_, 0, 3) != 0;
    const bool streamed = draw(dice_, 0, 2) == 0;
    const bool reads = draw(dice_, 0, 1) == 0;
    const auto signal = std::make_shared<boost::asio::cancellation_signal>();
    boost::asio::steady_timer timer(test_.loop, cancel_after);
    const auto cancel = [signal](boost::system::error_code ec) {
      if (!ec) signal->emit(boost::asio::cancellation_type::terminal);
    };
    if (cancels) timer.async_wait(cancel);
    const auto token = [&] { return boost::asio::bind_cancellation_slot(signal->slot(), use_awaitable); };
    if (!streamed) {
      const auto got = co_await test_.pools.async_send(message, token());
      note(got);
      co_return;
    }
    auto stream = co_await test_.pools.async_open(message, token());
    note(stream);
    if (!stream || !reads) co_return;
    if (cancels) {
      timer.expires_after(std::chrono::microseconds(draw(dice_, 0, 2'000)));
      timer.async_wait(cancel);
    }
    const auto got = co_await stream->async_read(token());
    note(got);
  }

 private:
  template <class Got>
  void note(const Got& got) {
    if (got || got.error().code != errc::cancelled) return;
    const auto where = got.error().phase;
    if (where == phase::queue) ++(test_.stats().connecting > 0 ? seen_.while_dialing : seen_.queued);
    if (where == phase::first_byte) ++seen_.before_head;
    if (where == phase::body) ++seen_.in_body;
  }

  wire& test_;
  dice& dice_;
  struck& seen_;
};

awaitable<void> cancel_at_random(wire& test, http_protocol protocol, dice& from, struck& seen) {
  restless_caller caller(test, from, seen);
  int begun = 0;
  int ended = 0;
  // A machine that is busy elsewhere lets few requests get far: more follow until each phase was met.
  const auto goes_on = [&] { return begun < total || !seen.everywhere(); };
  while (goes_on() || ended < begun) {
    while (goes_on() && begun - ended < at_once) {
      if (begun++ % requests_of_a_script == 0) test.server.set_script(roll(from, protocol));
      boost::asio::co_spawn(test.loop, caller.send_one(), [&ended](const std::exception_ptr& thrown) {
        ++ended;
        if (thrown) std::rethrow_exception(thrown);
      });
    }
    co_await boost::asio::post(test.loop, use_awaitable);
  }
}

/// Every stream that the limits allow is taken at the same time, cancelled, and taken again.
awaitable<void> use_every_slot(wire& test, std::size_t slots) {
  test.server.set_script(emulator::parse_script("path /held: stall").value());
  std::vector<boost::asio::cancellation_signal> signals(slots);
  std::size_t cancelled = 0;
  for (auto& each : signals) {
    test.pools.async_send(test.get("/held"),
                          boost::asio::bind_cancellation_slot(each.slot(), [&](const result<response>& got) {
                            EXPECT_TRUE(got.has_error());
                            cancelled += got.has_error() && got.error().code == errc::cancelled ? 1U : 0U;
                          }));
  }
  co_await test.until([&] { return test.stats().streams == slots; });
  for (auto& each : signals)
    each.emit(boost::asio::cancellation_type::terminal);
  co_await test.until([&] { return cancelled == slots && test.stats().active == 0; });
  std::size_t served = 0;
  for (std::size_t i = 0; i < slots; ++i) {
    test.pools.async_send(test.post("/echo"), [&](const result<response>& got) {
      EXPECT_TRUE(got.has_value() && got->status == 200);
      ++served;
    });
  }
  co_await test.until([&] { return served == slots; });
}

TEST_P(cancellations, behaviour_22_ten_thousand_at_random_leave_nothing) {
  auto from = seeded_dice(20261123);
  wire test({}, impatient(limits(GetParam())), busy_server());
  const auto baseline = open_descriptors();
  struck seen;
  test.run([&]() -> awaitable<void> {
    co_await cancel_at_random(test, GetParam(), from, seen);
    test.server.set_script({});
    // The place of a cancelled stream may be held until a PING is answered, or the connection given up.
    co_await test.until([&] {
      const auto now = test.stats();
      return now.active == 0 && now.streams == 0 && now.pending == 0 && now.connecting == 0;
    });
    test.pools
        .configure("default",
                   [&] {
                     auto patient = limits(GetParam());
                     patient.tls = tls_options{.ca_file = test.server.ca_file()};
                     return patient;
                   }())
        .value();
    test.pools.close_idle();
    co_await use_every_slot(test, slots());
  });
  std::cout << "cancelled: " << seen.queued << " queued, " << seen.while_dialing << " while dialing, "
            << seen.before_head << " before the head, " << seen.in_body << " in the body\n"
            << test.stats().to_string() << '\n';
  EXPECT_TRUE(test.server.wait_for([](const auto& report) { return report.open_connections == 0; }));
  // The emulator's own sockets, in the same process, are part of this, and it closes them on its own thread.
  const auto give_up = std::chrono::steady_clock::now() + hang;
  while (open_descriptors() != baseline && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_EQ(open_descriptors(), baseline);
}

INSTANTIATE_TEST_SUITE_P(of_both_protocols, cancellations,
                         ::testing::Values(http_protocol::http1, http_protocol::http2),
                         [](const auto& of) { return of.param == http_protocol::http1 ? "http1" : "http2"; });

}  // namespace
}  // namespace warmwire::test::cancellations_test

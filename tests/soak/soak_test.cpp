// A hundred callers over both protocols, for a minute or as long as WARMWIRE_SOAK_SECONDS says, while the emulator
// misbehaves in ever new ways. Every request ends once, with its own answer or an error that names what happened;
// nothing is sent twice outside the rules of replaying; no turn of the loop takes longer than a tenth of a second of
// CPU time; and in the end nothing is left.
#include "emulator/emulator.hpp"
#include "tests/soak/callers.hpp"
#include "tests/turn_watch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <iostream>
#include <thread>

namespace warmwire::test::soak_test {
namespace {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int callers_of_each = 50;
constexpr auto longest_end = 10s;    ///< only a hang reaches it
constexpr auto longest_delay = 10s;  ///< until the server has counted what was sent before

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto default_duration = 20s;
#else
constexpr auto default_duration = 60s;
#endif

std::chrono::seconds duration() {
  const char* wanted = std::getenv("WARMWIRE_SOAK_SECONDS");
  if (wanted == nullptr) return default_duration;
  int seconds = 0;
  const std::string_view text(wanted);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || seconds < 1) {
    throw std::invalid_argument("WARMWIRE_SOAK_SECONDS is no number of seconds from 1 on: " + std::string(text));
  }
  return std::chrono::seconds(seconds);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

emulator::emulator_options far_server() {
  emulator::emulator_options options;
  options.rtt = 1ms;
  return options;
}

/// Few connections, so that callers queue; short times, so that what has fallen silent is given up soon.
pool_options tight(const emulator::server& server, http_protocol protocol) {
  pool_options options;
  options.protocol = protocol;
  options.max_connections = 25;
  options.max_h2_connections = 3;
  options.target_streams = 8;
  options.acquire_timeout = 1'000ms;
  options.tls_timeout = 1'000ms;
  options.inactivity_timeout = 400ms;
  options.stream_idle_timeout = 300ms;
  options.ping_after = 100ms;
  options.ping_timeout = 300ms;
  options.max_lifetime = 5'000ms;
  options.dial_backoff_max = 100ms;
  options.tls = tls_options{.ca_file = server.ca_file()};
  options.proxy = proxy_options{.use_environment = false};
  return options;
}

/// Every sixth script is without a fault, so that whatever was broken can recover.
emulator::script roll(dice& from) {
  if (draw(from, 0, 5) == 0) return {};
  const auto most = draw(from, 100, 1'000);
  random_faults faults(from, {50, most}, {10, 30});
  return faults.add(faults_of_both).add(faults_of_http1).add(faults_of_http2).script();
}

class soak {
 public:
  void run(std::chrono::seconds how_long) {
    const auto baseline = open_descriptors();
    for (const auto& [provider, protocol] : providers)
      pools_.configure(provider, tight(server_, protocol)).value();
    for (int i = 0; i < callers_of_each; ++i) {
      callers_.emplace_back(around_, "h1", "http/1.1").start();
      callers_.emplace_back(around_, "h2", "h2").start();
    }
    boost::asio::co_spawn(loop_, conduct(clock::now() + how_long), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    turn_watch watch(loop_);
    watch.run_for(how_long + longest_end);
    std::cout << summary() << "; longest turn " << watch.longest().count() << " ms of CPU time" << std::endl;
    ASSERT_TRUE(loop_.stopped()) << around_.calling << " callers still wait; all pools "
                                 << (are_closed_ ? "are closed, but something is left" : "are not closed");
    EXPECT_LE(watch.longest(), longest_turn_allowed);
    check_what_is_left(baseline);
    check_account();
  }

 private:
  static constexpr std::pair<const char*, http_protocol> providers[] = {{"h1", http_protocol::http1},
                                                                        {"h2", http_protocol::http2}};

  awaitable<void> conduct(clock::time_point until) {
    while (clock::now() < until && !::testing::Test::HasFailure()) {
      server_.set_script(roll(chance_));
      co_await wait(std::chrono::milliseconds(draw(chance_, 100, 1'000)));
      book_.count(server_.take_ids());
      book_.settle(clock::now() - longest_delay);
    }
    around_.is_over = true;
    while (around_.calling > 0)
      co_await wait(10ms);
    (void)co_await pools_.async_close_all(0ms, use_awaitable);
    are_closed_ = true;
  }

  awaitable<void> wait(std::chrono::milliseconds how_long) {
    boost::asio::steady_timer timer(loop_, how_long);
    co_await timer.async_wait(use_awaitable);
  }

  void check_what_is_left(std::size_t descriptors) {
    for (const auto& [provider, protocol] : providers) {
      const auto left = pools_.stats(provider);
      EXPECT_EQ(left.active + left.streams + left.idle + left.connecting + left.pending, 0U) << left.to_string();
      EXPECT_GE(left.closed_total(), left.opened + left.dial_failures) << left.to_string();
      EXPECT_GT(left.opened, 0U);
    }
    EXPECT_TRUE(server_.wait_for([](const auto& seen) { return seen.open_connections == 0; }, longest_end));
    // The server, in the same process, closes its sockets on its own thread.
    const auto give_up = clock::now() + longest_end;
    while (open_descriptors() != descriptors && clock::now() < give_up)
      std::this_thread::yield();
    EXPECT_EQ(open_descriptors(), descriptors);
  }

  /// Every connection has ended, so the server has seen all that it will.
  void check_account() {
    EXPECT_EQ(server_.report().ids_not_counted, 0U);
    book_.count(server_.take_ids());
    book_.settle(clock::time_point::max());
    EXPECT_TRUE(book_.is_settled()) << "a request never ended";
    EXPECT_GT(book_.seen().answers, 0U);
    std::uint64_t stale = 0;
    std::uint64_t refused = 0;
    for (const auto& [provider, protocol] : providers) {
      stale += pools_.stats(provider).replayed_stale;
      refused += pools_.stats(provider).replayed_refused;
    }
    EXPECT_LE(book_.seen().sent_again, stale);
    std::cout << book_.seen().sent_again << " requests were processed twice, " << book_.seen().refused
              << " refused; replays: " << stale << " stale, " << refused << " refused" << std::endl;
  }

  [[nodiscard]] std::string summary() const {
    const auto& seen = book_.seen();
    std::string line = std::to_string(seen.requests) + " requests, " + std::to_string(seen.answers) + " answers";
    for (const auto& [code, count] : seen.errors)
      line.append(", ").append(std::to_string(count)).append(" ").append(to_string(code));
    for (const auto& [provider, protocol] : providers)
      line.append("; ").append(pools_.stats(provider).to_string());
    return line;
  }

  dice chance_ = seeded_dice(20261124);
  emulator::server server_{far_server()};
  boost::asio::io_context loop_{1};
  transport pools_{loop_.get_executor()};
  ledger book_;
  surroundings around_{loop_, pools_, book_, chance_, server_.origin() + "/echo"};
  std::deque<caller> callers_;
  bool are_closed_ = false;
};

TEST(soak, every_request_ends_once_with_its_own_answer_or_an_error_that_names_what_happened) {
  soak().run(duration());
}

}  // namespace
}  // namespace warmwire::test::soak_test

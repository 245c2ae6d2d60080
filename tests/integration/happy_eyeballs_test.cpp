// Behaviour 20: a host with many addresses is reached if any of them answers in time.
#include "dialing.hpp"
#include "listener.hpp"
#include "loop_slices.hpp"
#include "net/connect_race.hpp"
#include "net/tls_context.hpp"
#include "scripted_resolver.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace warmwire::test::happy_eyeballs_test {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto one = "127.0.0.1";
constexpr auto two = "127.0.0.2";

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class happy_eyeballs : public testing::Test {
 protected:
  /// A request to the host that has these addresses.
  net::dial_request to(std::vector<std::string> addresses, std::uint16_t port) {
    const std::string host = "host-" + std::to_string(hosts_++) + ".test";
    names_.set(host, resolved{.addresses = std::move(addresses)});
    return {.target = {.host = host, .port = port}, .connect_timeout = 30s, .connect_stagger = 10ms};
  }

  result<net::dialed> dial(const net::dial_request& request) { return dial_now(io_, *dialer_, request); }

  std::string reached(const net::dial_request& request) {
    const auto outcome = dial(request);
    if (!outcome) return outcome.error().to_string();
    return outcome->remote_address.substr(0, outcome->remote_address.rfind(':'));
  }

  void start(const net::dial_request& request) {
    const auto work = [this, request]() -> asio::awaitable<void> { outcome_.emplace(co_await dialer_->dial(request)); };
    asio::co_spawn(io_, work, asio::bind_cancellation_slot(signal_.slot(), [](const std::exception_ptr& thrown) {
                     if (thrown) std::rethrow_exception(thrown);
                   }));
  }

  /// Lets the dial go on until it has this many attempts under way.
  void run_until_attempts(std::ptrdiff_t attempts) {
    const auto wanted = open_descriptors() + attempts;
    while (open_descriptors() < wanted && io_.run_one_for(60s) > 0) {
    }
    ASSERT_EQ(open_descriptors(), wanted);
  }

  net::dialer_options options() {
    return {.resolve = names_.function(), .now = [this] { return now_; }};
  }

  scripted_resolver names_;
  std::chrono::steady_clock::time_point now_{1h};
  asio::io_context io_{1};
  std::unique_ptr<net::dialer> dialer_ = std::make_unique<net::dialer>(io_.get_executor(), options());
  asio::cancellation_signal signal_;
  std::optional<result<net::dialed>> outcome_;

 private:
  asio::steady_timer opens_the_loops_descriptors_{io_};
  int hosts_ = 0;
};

TEST_F(happy_eyeballs, behaviour_20_an_earlier_attempt_goes_on_beside_later_ones) {
  listener slow(one);
  listener silent(two, slow.port());
  slow.fall_silent();
  silent.fall_silent();
  start(to({one, two}, slow.port()));
  run_until_attempts(2);
  slow.wake_up();
  loop_slices::run(io_, 60s);
  ASSERT_TRUE(outcome_.has_value());
  ASSERT_TRUE(outcome_->has_value()) << outcome_->error().to_string();
  EXPECT_EQ((*outcome_)->remote_address, std::string(one) + ':' + std::to_string(slow.port()));
  EXPECT_GT((*outcome_)->connect, 10ms);
}

TEST_F(happy_eyeballs, behaviour_20_a_slow_ipv4_address_is_reached_behind_a_blackholed_ipv6_one) {
  listener slow(one);
  std::optional<listener> blackhole;
  try {
    blackhole.emplace("::1", slow.port());
  } catch (const boost::system::system_error& failure) {
    GTEST_SKIP() << "no IPv6 loopback address: " << failure.what();
  }
  slow.fall_silent();
  blackhole->fall_silent();
  start(to({"::1", one}, slow.port()));
  run_until_attempts(2);
  slow.wake_up();
  loop_slices::run(io_, 60s);
  ASSERT_TRUE(outcome_.has_value());
  ASSERT_TRUE(outcome_->has_value()) << outcome_->error().to_string();
  EXPECT_EQ((*outcome_)->remote_address, std::string(one) + ':' + std::to_string(slow.port()));
}

TEST_F(happy_eyeballs, behaviour_20_a_silent_address_holds_the_next_back_for_the_stagger_only) {
  listener silent(one);
  const listener answering(two, silent.port());
  silent.fall_silent();
  auto request = to({one, two}, silent.port());
  request.connect_timeout = 24h;
  EXPECT_EQ(reached(request), two);
}

TEST_F(happy_eyeballs, behaviour_20_with_little_time_every_address_still_gets_its_turn) {
  listener silent(one);
  const listener answering(two, silent.port());
  silent.fall_silent();
  auto request = to({one, two}, silent.port());
  request.connect_timeout = 4s;
  request.connect_stagger = 24h;
  EXPECT_EQ(reached(request), two);
}

TEST_F(happy_eyeballs, a_failed_attempt_lets_the_next_begin_at_once) {
  const listener answering(two);
  auto request = to({one, two}, answering.port());
  request.connect_timeout = 24h;
  request.connect_stagger = 24h;
  EXPECT_EQ(reached(request), two);
}

TEST_F(happy_eyeballs, when_all_have_failed_it_ends_at_once_and_names_each) {
  auto request = to({one, two}, closed_port());
  request.connect_timeout = 24h;
  const auto outcome = dial(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
  EXPECT_EQ(outcome.error().phase, phase::connect);
  const auto port = std::to_string(request.target.port);
  EXPECT_EQ(outcome.error().message, "cannot connect to host-0.test:" + port + ": 127.0.0.1:" + port +
                                         ": Connection refused; 127.0.0.2:" + port + ": Connection refused");
}

TEST_F(happy_eyeballs, the_time_limit_names_who_refused_and_who_was_silent) {
  listener silent(two);
  silent.fall_silent();
  auto request = to({one, two}, silent.port());
  request.connect_timeout = 500ms;
  const auto outcome = dial(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::connect_timeout);
  EXPECT_EQ(outcome.error().phase, phase::connect);
  const auto port = std::to_string(silent.port());
  EXPECT_THAT(outcome.error().message, HasSubstr(" within 500 ms: 127.0.0.1:" + port + ": Connection refused; "));
  EXPECT_THAT(outcome.error().message, HasSubstr("; 127.0.0.2:" + port + ": no answer"));
}

TEST_F(happy_eyeballs, the_time_limit_names_who_was_not_tried) {
  listener silent(one);
  silent.fall_silent();
  net::dial_request request{.target = {.host = "localhost", .port = silent.port()}, .connect_timeout = 0ms};
  const auto outcome = dial(request);
  ASSERT_FALSE(outcome.has_value());
  const auto port = std::to_string(silent.port());
  EXPECT_THAT(outcome.error().message,
              HasSubstr("within 0 ms: 127.0.0.1:" + port + ": no answer; [::1]:" + port + ": not tried"));
}

TEST_F(happy_eyeballs, all_addresses_of_a_name_are_tried) {
  const listener answering("127.0.1.44");
  std::vector<std::string> many;
  for (int i = 1; i <= 300; ++i)
    many.push_back("127.0." + std::to_string(i / 256) + '.' + std::to_string(i % 256));
  EXPECT_EQ(reached(to(many, answering.port())), "127.0.1.44");
}

TEST_F(happy_eyeballs, the_error_of_many_addresses_names_the_first_ones) {
  std::vector<std::string> many;
  for (int i = 1; i <= 20; ++i)
    many.push_back("127.0.0." + std::to_string(i));
  const auto outcome = dial(to(many, closed_port()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().message, HasSubstr("127.0.0.16:"));
  EXPECT_THAT(outcome.error().message, testing::Not(HasSubstr("127.0.0.17:")));
  EXPECT_THAT(outcome.error().message, testing::EndsWith("; and 4 others"));
}

TEST_F(happy_eyeballs, an_address_behind_many_silent_ones_is_reached_with_a_bounded_number_of_sockets) {
  const listener answering(one);
  std::deque<listener> silent;
  std::vector<std::string> many;
  for (std::size_t i = 0; i < net::max_attempts_at_once + 6; ++i) {
    many.push_back("127.0.2." + std::to_string(i + 1));
    silent.emplace_back(many.back(), answering.port()).fall_silent();
  }
  many.emplace_back(one);
  const auto before = open_descriptors();
  start(to(many, answering.port()));
  std::ptrdiff_t most = 0;
  while (!outcome_ && io_.run_one_for(60s) > 0)
    most = std::max(most, open_descriptors() - before);
  ASSERT_TRUE(outcome_.has_value());
  ASSERT_TRUE(outcome_->has_value()) << outcome_->error().to_string();
  EXPECT_EQ((*outcome_)->remote_address, std::string(one) + ':' + std::to_string(answering.port()));
  EXPECT_LE(most, static_cast<std::ptrdiff_t>(net::max_attempts_at_once));
}

TEST_F(happy_eyeballs, the_others_are_closed_when_one_is_connected) {
  listener silent(one);
  const listener answering(two, silent.port());
  silent.fall_silent();
  const auto before = open_descriptors();
  const auto outcome = dial(to({one, two}, silent.port()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(open_descriptors(), before + 1);
}

TEST_F(happy_eyeballs, a_dial_that_is_cancelled_closes_all_its_attempts) {
  listener silent(one);
  listener silent_too(two, silent.port());
  silent.fall_silent();
  silent_too.fall_silent();
  const auto before = open_descriptors();
  auto request = to({one, two}, silent.port());
  request.connect_timeout = 24h;
  start(request);
  run_until_attempts(2);
  signal_.emit(asio::cancellation_type::terminal);
  while (!outcome_ && io_.run_one_for(60s) > 0) {
  }
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_EQ(outcome_->error().code, errc::cancelled);
  EXPECT_EQ(outcome_->error().phase, phase::connect);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(happy_eyeballs, an_address_that_refused_is_tried_last_for_five_minutes) {
  listener broken(one, 0, listener::begins::refusing);
  const auto port = broken.port();
  const listener other(two, port);
  EXPECT_EQ(reached(to({one, two}, port)), two);
  broken.wake_up();
  EXPECT_EQ(reached(to({one, two}, port)), two);
  now_ += 5min;
  EXPECT_EQ(reached(to({one, two}, port)), one);
}

TEST_F(happy_eyeballs, an_address_that_was_overtaken_is_tried_last) {
  listener slow(one);
  const listener other(two, slow.port());
  slow.fall_silent();
  EXPECT_EQ(reached(to({one, two}, slow.port())), two);
  slow.wake_up();
  EXPECT_EQ(reached(to({one, two}, slow.port())), two);
  dialer_->network_changed();
  EXPECT_EQ(reached(to({one, two}, slow.port())), one);
}

TEST_F(happy_eyeballs, a_dial_that_was_called_off_says_nothing_of_an_address) {
  listener slow(one);
  listener other(two, slow.port());
  slow.fall_silent();
  other.fall_silent();
  start(to({one, two}, slow.port()));
  run_until_attempts(2);
  signal_.emit(asio::cancellation_type::terminal);
  loop_slices::run(io_, 60s);
  slow.wake_up();
  other.wake_up();
  EXPECT_EQ(reached(to({one, two}, slow.port())), one);
}

TEST_F(happy_eyeballs, a_silent_address_is_tried_last_after_the_time_limit) {
  listener silent(one);
  silent.fall_silent();
  auto request = to({one}, silent.port());
  request.connect_timeout = 50ms;
  EXPECT_FALSE(dial(request).has_value());
  silent.wake_up();
  const listener other(two, silent.port());
  EXPECT_EQ(reached(to({one, two}, silent.port())), two);
}

TEST_F(happy_eyeballs, an_address_whose_handshake_failed_is_tried_last_until_it_succeeds) {
  const listener mute(one);
  const listener other(two, mute.port());
  auto request = to({one, two}, mute.port());
  request.tls = net::tls_context::make({}).value();
  request.tls_timeout = 50ms;
  const auto outcome = dial(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, errc::tls_timeout);
  EXPECT_EQ(reached(to({one, two}, mute.port())), two);
  EXPECT_EQ(reached(to({one}, mute.port())), one);
  EXPECT_EQ(reached(to({one, two}, mute.port())), one);
}

TEST_F(happy_eyeballs, an_address_is_not_blamed_for_what_this_machine_lacks) {
  const listener server(one);
  const listener other(two, server.port());
  const auto request = to({one}, server.port());
  ASSERT_EQ(reached(request), one);  // whatever opens descriptors lazily has done so
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  rlimit none = usual;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto outcome = dial(request);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().message, HasSubstr("Too many open files"));
  EXPECT_EQ(reached(to({one, two}, server.port())), one);
}

}  // namespace
}  // namespace warmwire::test::happy_eyeballs_test

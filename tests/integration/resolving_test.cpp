// What a dial asks of a resolver, what it keeps of the answers, and what it makes of a resolver that misbehaves.
#include "dialing.hpp"
#include "listener.hpp"
#include "loop_slices.hpp"
#include "scripted_resolver.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace warmwire::test::resolving_test {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto one = "127.0.0.1";
constexpr auto two = "127.0.0.2";
constexpr auto host = "api.test";

resolved addresses(std::vector<std::string> list, std::optional<std::chrono::milliseconds> ttl = std::nullopt) {
  return {.addresses = std::move(list), .ttl = ttl};
}

class resolving : public testing::Test {
 protected:
  struct running_dial {
    asio::cancellation_signal signal;
    std::optional<result<net::dialed>> outcome;
  };

  [[nodiscard]] net::dial_request request(const std::string& name = host) const {
    return {.target = {.host = name, .port = first_.port()}, .connect_timeout = 30s};
  }

  result<net::dialed> dial(const net::dial_request& wanted) { return dial_now(io_, *dialer_, wanted); }

  /// The address that a new dial is connected to, or the error.
  std::string reached() {
    const auto outcome = dial(request());
    if (!outcome) return outcome.error().to_string();
    return outcome->remote_address.substr(0, outcome->remote_address.rfind(':'));
  }

  error failure_of(const net::dial_request& wanted) {
    const auto outcome = dial(wanted);
    return outcome ? error{.message = "it was connected"} : outcome.error();
  }

  /// Starts a dial and lets it come to its first wait.
  running_dial& start(const net::dial_request& wanted) {
    auto& started = dials_.emplace_back();
    const auto work = [this, wanted, &started]() -> asio::awaitable<void> {
      started.outcome.emplace(co_await dialer_->dial(wanted));
    };
    asio::co_spawn(io_, work, asio::bind_cancellation_slot(started.signal.slot(), [](const std::exception_ptr& thrown) {
                     if (thrown) std::rethrow_exception(thrown);
                   }));
    io_.restart();
    io_.poll();
    return started;
  }

  void finish() {
    io_.restart();
    loop_slices::run(io_, 60s);
  }

  void use(resolver ask) { dialer_ = make_dialer(std::move(ask)); }

  std::unique_ptr<net::dialer> make_dialer(resolver ask) {
    return std::make_unique<net::dialer>(
        io_.get_executor(), net::dialer_options{.resolve = std::move(ask), .now = [this] { return now_; }});
  }

  const listener first_{one};
  const listener second_{two, first_.port()};
  std::chrono::steady_clock::time_point now_{1h};
  scripted_resolver names_;
  asio::io_context io_{1};
  std::unique_ptr<net::dialer> dialer_ = make_dialer(names_.function());
  std::list<running_dial> dials_;
};

TEST_F(resolving, behaviour_24_new_dials_use_a_changed_record_when_its_time_has_passed) {
  names_.set(host, addresses({one}, 30s));
  EXPECT_EQ(reached(), one);
  names_.set(host, addresses({two}, 30s));
  now_ += 30s - 1ms;
  EXPECT_EQ(reached(), one);
  EXPECT_EQ(names_.asked(), 1U);
  now_ += 1ms;
  EXPECT_EQ(reached(), two);
  EXPECT_EQ(names_.asked(), 2U);
}

TEST_F(resolving, behaviour_24_network_changed_forgets_all_answers) {
  names_.set(host, addresses({one}, 300s));
  EXPECT_EQ(reached(), one);
  names_.set(host, addresses({two}, 300s));
  dialer_->network_changed();
  EXPECT_EQ(reached(), two);
}

TEST_F(resolving, behaviour_24_an_answer_from_before_the_network_changed_is_not_kept) {
  auto& waiting = start(request());
  dialer_->network_changed();
  names_.waiting().at(0)(addresses({one}, 300s));
  finish();
  EXPECT_TRUE(waiting.outcome.value().has_value()) << "it serves those who waited for it";
  names_.set(host, addresses({two}, 300s));
  EXPECT_EQ(reached(), two);
}

TEST_F(resolving, a_known_name_costs_no_time) {
  auto& waiting = start(request());
  names_.waiting().at(0)(addresses({one}));
  finish();
  ASSERT_TRUE(waiting.outcome.value().has_value());
  EXPECT_GT((*waiting.outcome)->resolve.count(), 0);
  const auto known = dial(request());
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->resolve.count(), 0);
  EXPECT_EQ(names_.asked(), 1U);
}

TEST_F(resolving, literals_and_loopback_names_are_never_asked_for) {
  for (const auto* name : {"127.0.0.1", "localhost", "a.localhost"}) {
    const auto outcome = dial(request(name));
    ASSERT_TRUE(outcome.has_value()) << name;
    EXPECT_EQ(outcome->resolve.count(), 0);
  }
  EXPECT_EQ(names_.asked(), 0U);
}

TEST_F(resolving, dials_that_want_the_same_name_share_a_query) {
  for (int i = 0; i < 5; ++i)
    start(request());
  EXPECT_EQ(names_.asked(), 1U);
  names_.waiting().at(0)(addresses({one}));
  finish();
  for (const auto& each : dials_)
    EXPECT_TRUE(each.outcome.value().has_value());
}

TEST_F(resolving, a_dial_that_is_cancelled_leaves_the_query_to_the_others) {
  auto& given_up = start(request());
  auto& waiting = start(request());
  given_up.signal.emit(asio::cancellation_type::terminal);
  io_.poll();
  ASSERT_TRUE(given_up.outcome.has_value());
  EXPECT_EQ(given_up.outcome->error().code, errc::cancelled);
  EXPECT_EQ(given_up.outcome->error().phase, phase::resolve);
  EXPECT_FALSE(waiting.outcome.has_value());
  names_.waiting().at(0)(addresses({one}));
  finish();
  EXPECT_TRUE(waiting.outcome.value().has_value());
}

TEST_F(resolving, behaviour_24_an_old_answer_stands_in_when_look_ups_fail) {
  names_.set(host, addresses({one}, 30s));
  EXPECT_EQ(reached(), one);
  names_.set(host, error{.message = "the name server is on fire"});
  now_ += 30s;
  EXPECT_EQ(reached(), one);
  EXPECT_EQ(names_.asked(), 2U);
  now_ += 5min - 1ms;
  EXPECT_EQ(reached(), one);
  now_ += 1ms;
  const auto failed = failure_of(request());
  EXPECT_EQ(failed.code, errc::resolve_failed);
  EXPECT_EQ(failed.message, "cannot resolve api.test: the name server is on fire");
}

TEST_F(resolving, behaviour_24_an_old_answer_stands_in_when_look_ups_are_not_answered) {
  names_.set(host, addresses({one}, 30s));
  EXPECT_EQ(reached(), one);
  names_.silence(host);
  now_ += 30s;
  auto patient = request();
  patient.connect_timeout = 24h;
  const auto outcome = dial(patient);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_GE(outcome->resolve, 2s) << "the resolver had some time to answer";
  names_.waiting().at(0)(addresses({two}, 30s));
  finish();
  EXPECT_EQ(reached(), two) << "the late answer was kept";
  EXPECT_EQ(names_.asked(), 2U);
}

TEST_F(resolving, behaviour_24_an_old_answer_stands_in_early_enough_to_be_of_use) {
  names_.set(host, addresses({"127.0.0.3", one}, 30s));
  EXPECT_EQ(reached(), one);
  names_.silence(host);
  now_ += 5min;  // enough to forgive the address that refused
  listener silent("127.0.0.3", first_.port());
  silent.fall_silent();
  auto hasty = request();
  hasty.connect_timeout = 1'900ms;
  hasty.connect_stagger = 10ms;
  const auto outcome = dial(hasty);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(outcome->remote_address, std::string(one) + ':' + std::to_string(first_.port()));
  EXPECT_EQ(names_.asked(), 2U);
}

TEST_F(resolving, a_resolver_that_never_answers_ends_in_the_time_limit_and_is_asked_again_in_time) {
  auto brief = request();
  brief.connect_timeout = 20ms;
  for (int i = 0; i < 2; ++i) {
    const auto failed = failure_of(brief);
    EXPECT_EQ(failed.code, errc::connect_timeout);
    EXPECT_EQ(failed.phase, phase::resolve);
    EXPECT_EQ(failed.message, "the name api.test was not resolved within 20 ms");
  }
  EXPECT_EQ(names_.asked(), 1U);
  now_ += 10s;
  names_.set(host, addresses({one}));
  EXPECT_EQ(reached(), one);
  EXPECT_EQ(names_.asked(), 2U);
}

TEST_F(resolving, an_answer_after_the_dial_is_gone_serves_the_next) {
  auto& given_up = start(request());
  given_up.signal.emit(asio::cancellation_type::terminal);
  finish();
  names_.waiting().at(0)(addresses({two}));
  finish();
  EXPECT_EQ(reached(), two);
  EXPECT_EQ(names_.asked(), 1U);
}

TEST_F(resolving, an_answer_after_the_dialer_or_its_loop_is_gone_harms_nothing) {
  {
    asio::io_context other;
    net::dialer gone(other.get_executor(), {.resolve = names_.function()});
    const auto work = [&gone, wanted = request()]() -> asio::awaitable<void> {
      const auto never = co_await gone.dial(wanted);
    };
    asio::co_spawn(other, work, [](const std::exception_ptr&) {});
    other.poll();
    gone.shut_down();
    names_.waiting().at(0)(addresses({one}));
    EXPECT_EQ(other.poll(), 0U) << "nothing was put on the loop";
  }
  names_.waiting().at(0)(addresses({one}));
}

TEST_F(resolving, only_the_first_of_several_answers_counts) {
  auto& waiting = start(request());
  const auto answer = names_.waiting().at(0);
  answer(error{.message = "no such name"});
  answer(addresses({one}));
  finish();
  EXPECT_EQ(waiting.outcome.value().error().message, "cannot resolve api.test: no such name");
}

TEST_F(resolving, the_answer_may_come_from_another_thread) {
  std::thread thread;
  use([&thread](const std::string&, const resolve_completion& done) {
    thread = std::thread([done] { done(addresses({one})); });
  });
  EXPECT_EQ(reached(), one);
  thread.join();
}

TEST_F(resolving, an_answer_without_a_usable_address_is_a_failure) {
  for (const auto& bad : {addresses({}), addresses({"", "api.test", "127.0.0.1:80", "[::1]", "1.2.3"})}) {
    names_.set(host, bad);
    const auto failed = failure_of(request());
    EXPECT_EQ(failed.code, errc::resolve_failed);
    EXPECT_EQ(failed.phase, phase::resolve);
    EXPECT_EQ(failed.message, "cannot resolve api.test: the resolver named no address");
  }
  names_.set(host, addresses({"nonsense", one}));
  EXPECT_EQ(reached(), one);
}

TEST_F(resolving, no_more_than_1024_addresses_are_read) {
  std::vector<std::string> many(1024, "nonsense");
  many.emplace_back(one);
  names_.set(host, addresses(many));
  EXPECT_EQ(failure_of(request()).code, errc::resolve_failed);
}

TEST_F(resolving, a_resolver_that_throws_has_failed) {
  use([](const std::string&, const resolve_completion&) { throw std::runtime_error("no name server"); });
  EXPECT_EQ(failure_of(request()).to_string(), "resolve_failed (resolve): cannot resolve api.test: no name server");
  use([](const std::string&, const resolve_completion&) { throw 42; });
  EXPECT_EQ(failure_of(request()).code, errc::resolve_failed);
}

TEST_F(resolving, addresses_that_lead_nowhere_are_asked_for_anew) {
  names_.set(host, addresses({"127.0.0.3"}, 300s));
  EXPECT_EQ(failure_of(request()).code, errc::connect_failed);
  names_.set(host, addresses({two}, 300s));
  EXPECT_EQ(failure_of(request()).code, errc::connect_failed) << "but not within a second";
  now_ += 1s;
  EXPECT_EQ(reached(), two);
}

TEST_F(resolving, queries_that_are_never_answered_do_not_pile_up) {
  const auto lookup =
      std::make_shared<net::name_lookup>(io_.get_executor(), dns_options{.max_names = 2},
                                         net::lookup_source{.ask = names_.function()}, [this] { return now_; });
  const auto ask = [&](const std::string& name) {
    const auto work = [&lookup, name]() -> asio::awaitable<void> {
      net::name_lookup::question asked{.host = name, .begun = {}, .limit = 1ms};  // its time is over long since
      const auto never = co_await net::name_lookup::look_up(lookup, std::move(asked));
      EXPECT_FALSE(never.has_value());
    };
    asio::co_spawn(io_, work, [](const std::exception_ptr&) {});
    finish();
  };
  for (int i = 0; i < 8; ++i)
    ask("name-" + std::to_string(i) + ".test");
  EXPECT_LE(lookup->running(), 2U);
  for (int i = 0; i < 8; ++i) {
    ask("name.test");
    now_ += 10s;
  }
  EXPECT_EQ(names_.asked(), 16U);
  EXPECT_LE(lookup->running(), 2U);
}

TEST_F(resolving, an_evicted_name_still_serves_those_who_wait) {
  dialer_ = std::make_unique<net::dialer>(io_.get_executor(),
                                          net::dialer_options{.dns = {.max_names = 1}, .resolve = names_.function()});
  auto& earlier = start(request("a.test"));
  auto& later = start(request("b.test"));
  names_.waiting().at(0)(addresses({one}));
  names_.waiting().at(1)(addresses({two}));
  finish();
  EXPECT_TRUE(earlier.outcome.value().has_value());
  EXPECT_TRUE(later.outcome.value().has_value());
}

}  // namespace
}  // namespace warmwire::test::resolving_test

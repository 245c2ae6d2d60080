// Behaviour 24 through a whole transport: whose addresses new connections use.
#include "../listener.hpp"
#include "../scripted_resolver.hpp"
#include "wire.hpp"

#include <memory>
#include <optional>
#include <thread>

namespace warmwire::test::resolver_test {
namespace {

constexpr auto host = "api.test";

emulator::emulator_options plain_at(const char* address, std::uint16_t port = 0) {
  emulator::emulator_options options;
  options.address = address;
  options.port = port;
  options.tls = false;
  return options;
}

/// A transport whose names are a script's, and that keeps no answer for longer than its TTL says.
struct named {
  explicit named(const dns_options& dns = {.min_ttl = 0ms}) {
    transport_options options;
    options.resolver = names.function();
    options.dns = dns;
    options.defaults.idle_timeout = 0ms;  // each request dials
    pools.emplace(loop.get_executor(), options);
  }

  result<response> get() {
    request message;
    message.url = std::string("http://") + host + ':' + std::to_string(first.port()) + "/bytes/1";
    std::optional<result<response>> got;
    pools->async_send(std::move(message), [&](result<response> outcome) { got.emplace(std::move(outcome)); });
    loop.restart();
    loop_slices::run(loop, hang);
    if (!got) return error{.message = "the request hangs"};
    return std::move(*got);
  }

  std::string reached() {
    const auto got = get();
    if (!got) return got.error().to_string();
    const auto& address = got->provenance.remote_address;
    return address.substr(0, address.rfind(':'));
  }

  void resolve_to(const char* address, std::chrono::milliseconds ttl) {
    names.set(host, resolved{.addresses = {address}, .ttl = ttl});
  }

  emulator::server first{plain_at("127.0.0.1")};
  emulator::server second{plain_at("127.0.0.2", first.port())};
  scripted_resolver names;
  boost::asio::io_context loop{1};
  std::optional<transport> pools;
};

TEST(resolver, behaviour_24_new_connections_follow_a_changed_record) {
  named test;
  test.resolve_to("127.0.0.1", 0ms);
  EXPECT_EQ(test.reached(), "127.0.0.1");
  test.resolve_to("127.0.0.2", 0ms);
  EXPECT_EQ(test.reached(), "127.0.0.2");
  EXPECT_EQ(test.names.asked(), 2U);
}

TEST(resolver, behaviour_24_within_its_time_an_answer_is_used_again) {
  named test(dns_options{});
  test.resolve_to("127.0.0.1", 1h);
  EXPECT_EQ(test.reached(), "127.0.0.1");
  test.resolve_to("127.0.0.2", 1h);
  const auto again = test.get();
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  EXPECT_FALSE(again->provenance.reused);
  EXPECT_EQ(again->provenance.remote_address, "127.0.0.1:" + std::to_string(test.first.port()));
  EXPECT_EQ(again->provenance.timings.resolve.count(), 0);
  EXPECT_EQ(test.names.asked(), 1U);
}

TEST(resolver, behaviour_24_an_old_answer_stands_in_when_look_ups_fail) {
  named test;
  test.resolve_to("127.0.0.1", 0ms);
  EXPECT_EQ(test.reached(), "127.0.0.1");
  test.names.set(host, error{.message = "no name server"});
  EXPECT_EQ(test.reached(), "127.0.0.1");
  EXPECT_EQ(test.names.asked(), 2U);
}

TEST(resolver, without_an_old_answer_the_resolvers_error_is_told) {
  named test(dns_options{.min_ttl = 0ms, .stale_for = 0ms});
  test.resolve_to("127.0.0.1", 0ms);
  EXPECT_EQ(test.reached(), "127.0.0.1");
  test.names.set(host, error{.message = "no name server"});
  EXPECT_EQ(test.reached(), "resolve_failed (resolve): cannot resolve api.test: no name server");
}

TEST(resolver, one_that_never_answers_ends_in_connect_timeout_and_may_answer_when_all_is_gone) {
  named test;
  pool_options brief;
  brief.connect_timeout = 20ms;
  test.pools->configure("default", brief).value();
  const auto got = test.get();
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, errc::connect_timeout);
  EXPECT_EQ(got.error().phase, phase::resolve);
  auto late = test.names.waiting();
  ASSERT_EQ(late.size(), 1U);
  test.pools.reset();
  std::thread([&late] { late.at(0)(resolved{.addresses = {"127.0.0.1"}}); }).join();
  EXPECT_EQ(test.loop.poll(), 0U);
}

/// How many handlers a loop runs for a transport that goes while its resolver is silent.
std::size_t handlers_after_the_end(bool answer_comes) {
  named test;
  request message;
  message.url = std::string("http://") + host + "/";
  test.pools->async_send(std::move(message), [](const result<response>& got) { EXPECT_FALSE(got.has_value()); });
  test.loop.poll();
  auto late = test.names.waiting();
  EXPECT_EQ(late.size(), 1U);
  test.pools.reset();
  if (answer_comes) late.at(0)(resolved{.addresses = {"127.0.0.1"}});
  test.loop.restart();
  return test.loop.poll();
}

TEST(resolver, an_answer_after_the_end_of_the_transport_does_not_touch_its_loop) {
  EXPECT_EQ(handlers_after_the_end(true), handlers_after_the_end(false));
}

TEST(resolver, dns_options_are_checked) {
  boost::asio::io_context loop;
  transport_options options;
  options.dns.max_ttl = 1s;
  try {
    const transport never(loop.get_executor(), options);
    FAIL() << "it was accepted";
  } catch (const exception& thrown) {
    EXPECT_EQ(thrown.reason().code, errc::invalid_option);
    EXPECT_EQ(thrown.reason().message, "dns.max_ttl is 1000 ms; it must be from 5000 ms to 24 h");
  }
}

TEST(resolver, behaviour_20_the_stagger_is_the_pools_option) {
  named test;
  listener silent("127.0.0.3", test.first.port());
  silent.fall_silent();
  pool_options patient;
  patient.connect_stagger = 1s;
  test.pools->configure("default", patient).value();
  test.names.set(host, resolved{.addresses = {"127.0.0.3", "127.0.0.2"}});
  const auto got = test.get();
  ASSERT_TRUE(got.has_value()) << got.error().to_string();
  EXPECT_GE(got->provenance.timings.connect, 1s);
}

}  // namespace
}  // namespace warmwire::test::resolver_test

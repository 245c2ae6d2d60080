// How long answers are kept, when they are asked for anew, and what stands in when no answer comes.
#include "net/dns_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::net::dns_cache_test {
namespace {

using namespace std::chrono_literals;
using kind = dns_cache::finding::kind;
using std::chrono::milliseconds;

addresses some(const char* address) {
  return {boost::asio::ip::make_address(address)};
}

class dns_cache_test : public testing::Test {
 protected:
  kind find(const std::string& host = "a.test") {
    finding_ = cache_.find(host, now_);
    return finding_.what;
  }

  void answer(const char* address, std::optional<milliseconds> ttl, const std::string& host = "a.test") {
    cache_.succeeded(host, finding_.query, some(address), ttl, now_);
  }

  void learn(const std::string& host, std::optional<milliseconds> ttl = 60s) {
    ASSERT_EQ(find(host), kind::ask);
    answer("192.0.2.1", ttl, host);
  }

  /// The longest time for which an answer with this TTL is used without asking.
  milliseconds kept_for(std::optional<milliseconds> ttl) {
    cache_.forget();
    learn("a.test", ttl);
    for (const auto at : {5s, 60s, 100s, 300s}) {
      const auto learned = now_;
      now_ = learned + at - 1ms;
      const bool before = find() == kind::known;
      now_ = learned + at;
      const bool after = find() == kind::known;
      now_ = learned;
      if (before && !after) return at;
    }
    return 0ms;
  }

  dns_options options_{.max_names = 3};
  dns_cache cache_{options_};
  dns_cache::time_point now_{1h};
  dns_cache::finding finding_{};
};

TEST_F(dns_cache_test, a_name_is_asked_for_once_and_kept_for_its_time) {
  EXPECT_EQ(find(), kind::ask);
  answer("192.0.2.1", 100s);
  EXPECT_EQ(find(), kind::known);
  EXPECT_EQ(finding_.found, some("192.0.2.1"));
  now_ += 100s;
  EXPECT_EQ(find(), kind::ask);
  answer("192.0.2.2", 100s);
  EXPECT_EQ(find(), kind::known);
  EXPECT_EQ(finding_.found, some("192.0.2.2"));
}

TEST_F(dns_cache_test, times_are_bounded_on_both_sides) {
  EXPECT_EQ(kept_for(0s), 5s);
  EXPECT_EQ(kept_for(-1h), 5s);
  EXPECT_EQ(kept_for(100s), 100s);
  EXPECT_EQ(kept_for(24h), 300s);
  EXPECT_EQ(kept_for(std::nullopt), 60s);
}

TEST_F(dns_cache_test, those_who_want_the_same_name_share_a_query) {
  EXPECT_EQ(find(), kind::ask);
  const auto query = finding_.query;
  EXPECT_EQ(find(), kind::join);
  EXPECT_EQ(finding_.query, query);
  EXPECT_TRUE(cache_.is_running("a.test", query));
  EXPECT_EQ(find("b.test"), kind::ask) << "another name is another query";
  finding_.query = query;
  answer("192.0.2.1", 60s);
  EXPECT_FALSE(cache_.is_running("a.test", query));
  EXPECT_EQ(find(), kind::known);
}

TEST_F(dns_cache_test, a_query_that_is_not_answered_is_asked_again_and_its_late_answer_ignored) {
  EXPECT_EQ(find(), kind::ask);
  const auto lost = finding_.query;
  now_ += dns_cache::query_patience - 1ms;
  EXPECT_EQ(find(), kind::join);
  now_ += 1ms;
  EXPECT_EQ(find(), kind::ask);
  EXPECT_NE(finding_.query, lost);
  EXPECT_FALSE(cache_.is_running("a.test", lost));
  cache_.succeeded("a.test", lost, some("192.0.2.66"), 60s, now_);
  EXPECT_EQ(find(), kind::join);
  cache_.failed("a.test", lost, now_);
  EXPECT_EQ(find(), kind::join);
}

TEST_F(dns_cache_test, a_failure_is_not_kept) {
  EXPECT_EQ(find(), kind::ask);
  cache_.failed("a.test", finding_.query, now_);
  EXPECT_EQ(cache_.size(), 0U);
  EXPECT_EQ(cache_.stale("a.test", now_), std::nullopt);
  EXPECT_EQ(find(), kind::ask);
}

TEST_F(dns_cache_test, an_old_answer_stands_in_for_five_minutes) {
  learn("a.test", 60s);
  now_ += 60s;
  EXPECT_EQ(find(), kind::ask);
  cache_.failed("a.test", finding_.query, now_);
  EXPECT_EQ(cache_.stale("a.test", now_), some("192.0.2.1"));
  now_ += 5min - 1ms;
  EXPECT_EQ(cache_.stale("a.test", now_), some("192.0.2.1"));
  now_ += 1ms;
  EXPECT_EQ(cache_.stale("a.test", now_), std::nullopt);
}

TEST_F(dns_cache_test, after_a_failure_an_old_answer_is_used_for_a_second_without_asking) {
  learn("a.test", 60s);
  now_ += 60s;
  EXPECT_EQ(find(), kind::ask);
  cache_.failed("a.test", finding_.query, now_);
  now_ += 1s - 1ms;
  EXPECT_EQ(find(), kind::known);
  EXPECT_EQ(finding_.found, some("192.0.2.1"));
  now_ += 1ms;
  EXPECT_EQ(find(), kind::ask);
  now_ += 5min - 1'500ms;
  EXPECT_EQ(find(), kind::ask);
  cache_.failed("a.test", finding_.query, now_);
  now_ += 499ms;
  EXPECT_EQ(find(), kind::known);
  now_ += 1ms;
  EXPECT_EQ(find(), kind::ask) << "five minutes are over";
}

TEST_F(dns_cache_test, an_answer_that_led_nowhere_is_asked_for_anew_but_not_within_a_second) {
  learn("a.test", 60s);
  cache_.distrust("a.test", now_);
  now_ += 1s - 1ms;
  EXPECT_EQ(find(), kind::known);
  now_ += 1ms;
  EXPECT_EQ(find(), kind::ask);
  EXPECT_EQ(cache_.stale("a.test", now_), some("192.0.2.1")) << "it may still stand in";
  cache_.distrust("never.heard.of", now_);
  EXPECT_EQ(cache_.size(), 1U);
}

TEST_F(dns_cache_test, distrust_does_not_make_an_answer_last) {
  learn("a.test", 5s);
  now_ += 5s;
  cache_.distrust("a.test", now_ + 1h);
  EXPECT_EQ(find(), kind::ask);
}

TEST_F(dns_cache_test, with_too_many_names_the_least_recently_used_goes) {
  for (const auto* host : {"a.test", "b.test", "c.test"})
    learn(host);
  EXPECT_EQ(find("a.test"), kind::known);
  learn("d.test");
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_EQ(find("a.test"), kind::known);
  EXPECT_EQ(find("c.test"), kind::known);
  EXPECT_EQ(find("d.test"), kind::known);
  EXPECT_EQ(find("b.test"), kind::ask);
}

TEST_F(dns_cache_test, what_is_forgotten_is_asked_for_anew_and_old_queries_teach_nothing) {
  learn("a.test");
  EXPECT_EQ(find("b.test"), kind::ask);
  const auto query = finding_.query;
  cache_.forget();
  EXPECT_EQ(cache_.size(), 0U);
  EXPECT_FALSE(cache_.is_running("b.test", query));
  cache_.succeeded("b.test", query, some("192.0.2.1"), 60s, now_);
  EXPECT_EQ(find("a.test"), kind::ask);
  EXPECT_EQ(find("b.test"), kind::ask);
}

std::string complaint(const dns_options& options) {
  const auto checked = check(options);
  if (checked) return "";
  EXPECT_EQ(checked.error().code, errc::invalid_option);
  return checked.error().message;
}

TEST(dns_options, the_ends_of_each_range_are_allowed) {
  EXPECT_EQ(complaint({}), "");
  EXPECT_EQ(complaint({.min_ttl = 0ms, .max_ttl = 0ms, .default_ttl = 0ms, .stale_for = 0ms, .max_names = 1}), "");
  EXPECT_EQ(complaint({.min_ttl = 24h, .max_ttl = 24h, .default_ttl = 24h, .stale_for = 24h, .max_names = 1'000'000}),
            "");
}

TEST(dns_options, a_wrong_one_is_named_with_its_value_and_range) {
  EXPECT_EQ(complaint({.min_ttl = -1ms}), "dns.min_ttl is -1 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.min_ttl = 24h + 1ms}), "dns.min_ttl is 86400001 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.max_ttl = 4'999ms}), "dns.max_ttl is 4999 ms; it must be from 5000 ms to 24 h");
  EXPECT_EQ(complaint({.max_ttl = 24h + 1ms}), "dns.max_ttl is 86400001 ms; it must be from 5000 ms to 24 h");
  EXPECT_EQ(complaint({.default_ttl = -1ms}), "dns.default_ttl is -1 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.default_ttl = 24h + 1ms}), "dns.default_ttl is 86400001 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.stale_for = -1ms}), "dns.stale_for is -1 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.stale_for = 24h + 1ms}), "dns.stale_for is 86400001 ms; it must be from 0 ms to 24 h");
  EXPECT_EQ(complaint({.max_names = 0}), "dns.max_names is 0; it must be from 1 to 1,000,000");
  EXPECT_EQ(complaint({.max_names = 1'000'001}), "dns.max_names is 1000001; it must be from 1 to 1,000,000");
}

}  // namespace
}  // namespace warmwire::net::dns_cache_test

// Checking of pool options: every field, both ends of its range, and what the error says.
#include <warmwire/options.hpp>

#include <gtest/gtest.h>

#include <string>

namespace warmwire::settings_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

std::string complaint(const pool_options& options) {
  const auto merged = merge({}, options);
  if (merged.has_value()) {
    return "";
  }
  EXPECT_EQ(merged.error().code, errc::invalid_option);
  return merged.error().message;
}

TEST(settings, what_is_not_set_keeps_its_value) {
  pool_settings base;
  base.max_idle = 3;
  base.total_timeout = 7s;
  base.tls.ca_file = "ca.pem";
  pool_options options;
  options.max_connections = 7;
  const auto merged = merge(base, options);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->max_connections, 7U);
  EXPECT_EQ(merged->max_idle, 3U);
  EXPECT_EQ(merged->total_timeout, 7s);
  EXPECT_EQ(merged->tls.ca_file, "ca.pem");
}

TEST(settings, a_proxy_is_checked_and_kept) {
  pool_options options;
  options.proxy.emplace().url = secret("ftp://user:s3cret@proxy");
  EXPECT_EQ(complaint(options),
            "proxy.url is not a proxy's URL: its scheme is none of http, https, socks5 and socks5h");
  options.proxy->url = {};
  options.proxy->no_proxy = "localhost";
  EXPECT_EQ(complaint(options), "proxy.no_proxy is set without proxy.url; for the environment's proxies set NO_PROXY");
  options.proxy->url = secret("socks5h://user:s3cret@proxy");
  EXPECT_EQ(merge({}, options).value().proxy, options.proxy);
}

TEST(settings, every_option_that_is_set_takes_effect) {
  pool_options options;
  options.max_connections = 1;
  options.max_idle = 2;
  options.idle_burst_grace = 3ms;
  options.idle_timeout = 4ms;
  options.max_concurrent_dials = 5;
  options.max_pending = 6;
  options.acquire_timeout = 7ms;
  options.scheduling = scheduling::fifo;
  options.replay = replay_policy::never;
  options.connect_timeout = 8ms;
  options.tls_timeout = 9ms;
  options.inactivity_timeout = 10ms;
  options.stream_idle_timeout = 11ms;
  options.total_timeout = 12ms;
  options.dead_path_timeout = 130ms;
  options.max_request_body_bytes = 14;
  options.max_response_body_bytes = 15;
  options.drain_bytes = 16;
  options.drain_timeout = 17ms;
  options.min_warm = 18;
  options.max_lifetime = 19ms;
  options.learn_idle_timeout = false;
  options.dial_backoff_min = 20ms;
  options.dial_backoff_max = 21ms;
  options.report_lease_after = 22ms;
  options.connect_stagger = 23ms;
  options.tls = tls_options{};
  options.tls->server_name = "name";
  options.proxy = proxy_options{.url = secret("http://proxy"), .no_proxy = "example.com", .use_environment = false};
  const auto merged = merge({}, options);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->min_warm, 18U);
  EXPECT_EQ(merged->max_lifetime, 19ms);
  EXPECT_FALSE(merged->learn_idle_timeout);
  EXPECT_EQ(merged->dial_backoff_min, 20ms);
  EXPECT_EQ(merged->dial_backoff_max, 21ms);
  EXPECT_EQ(merged->report_lease_after, 22ms);
  EXPECT_EQ(merged->connect_stagger, 23ms);
  EXPECT_EQ(merged->proxy, *options.proxy);
  EXPECT_EQ(merged->max_connections, 1U);
  EXPECT_EQ(merged->max_idle, 2U);
  EXPECT_EQ(merged->idle_burst_grace, 3ms);
  EXPECT_EQ(merged->idle_timeout, 4ms);
  EXPECT_EQ(merged->max_concurrent_dials, 5U);
  EXPECT_EQ(merged->max_pending, 6U);
  EXPECT_EQ(merged->acquire_timeout, 7ms);
  EXPECT_EQ(merged->scheduling, scheduling::fifo);
  EXPECT_EQ(merged->replay, replay_policy::never);
  EXPECT_EQ(merged->connect_timeout, 8ms);
  EXPECT_EQ(merged->tls_timeout, 9ms);
  EXPECT_EQ(merged->inactivity_timeout, 10ms);
  EXPECT_EQ(merged->stream_idle_timeout, 11ms);
  EXPECT_EQ(merged->total_timeout, 12ms);
  EXPECT_EQ(merged->dead_path_timeout, 130ms);
  EXPECT_EQ(merged->max_request_body_bytes, 14U);
  EXPECT_EQ(merged->max_response_body_bytes, 15U);
  EXPECT_EQ(merged->drain_bytes, 16U);
  EXPECT_EQ(merged->drain_timeout, 17ms);
  EXPECT_EQ(merged->tls.server_name, "name");
}

TEST(settings, every_http2_option_that_is_set_takes_effect) {
  pool_options options;
  options.protocol = http_protocol::http2;
  options.max_h2_connections = 1;
  options.max_concurrent_h2_dials = 2;
  options.target_streams = 3;
  options.max_streams = 4;
  options.ping_after = 50ms;
  options.ping_at_checkout_after = 60ms;
  options.ping_timeout = 70ms;
  options.stream_window_bytes = 80'000;
  options.connection_window_bytes = 90'000;
  const auto merged = merge({}, options);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->protocol, http_protocol::http2);
  EXPECT_EQ(merged->max_h2_connections, 1U);
  EXPECT_EQ(merged->max_concurrent_h2_dials, 2U);
  EXPECT_EQ(merged->target_streams, 3U);
  EXPECT_EQ(merged->max_streams, 4U);
  EXPECT_EQ(merged->ping_after, 50ms);
  EXPECT_EQ(merged->ping_at_checkout_after, 60ms);
  EXPECT_EQ(merged->ping_timeout, 70ms);
  EXPECT_EQ(merged->stream_window_bytes, 80'000U);
  EXPECT_EQ(merged->connection_window_bytes, 90'000U);
}

TEST(settings, the_longest_back_off_is_not_below_the_shortest) {
  pool_options options;
  options.dial_backoff_min = 6s;
  EXPECT_EQ(complaint(options), "dial_backoff_max is 5,000 ms; it must not be below dial_backoff_min, 6,000 ms");
  options.dial_backoff_max = 6s;
  EXPECT_EQ(complaint(options), "");
  options = {};
  options.dial_backoff_max = 9ms;
  EXPECT_EQ(complaint(options), "dial_backoff_max is 9 ms; it must not be below dial_backoff_min, 10 ms");
}

TEST(settings, an_error_names_field_value_and_range) {
  pool_options options;
  options.max_connections = 0;
  EXPECT_EQ(complaint(options), "max_connections is 0; it must be from 1 to 100,000");
  options = {};
  options.idle_timeout = -5ms;
  EXPECT_EQ(complaint(options), "idle_timeout is -5 ms; it must be from 0 ms to 24 h");
  options = {};
  options.total_timeout = 25h;
  EXPECT_EQ(complaint(options), "total_timeout is 90,000,000 ms; it must be from 1 ms to 24 h");
}

TEST(settings, the_first_wrong_field_is_named) {
  pool_options options;
  options.max_concurrent_dials = 0;
  options.connect_timeout = 0ms;
  EXPECT_EQ(complaint(options), "max_concurrent_dials is 0; it must be from 1 to 1,000");
}

struct size_field {
  const char* name;
  std::optional<std::size_t> pool_options::*field;
  std::size_t least;
  std::size_t most;
};

TEST(settings, sizes_are_checked_at_both_ends) {
  const size_field fields[] = {
      {"max_connections", &pool_options::max_connections, 1, 100'000},
      {"max_idle", &pool_options::max_idle, 0, 100'000},
      {"max_concurrent_dials", &pool_options::max_concurrent_dials, 1, 1'000},
      {"min_warm", &pool_options::min_warm, 0, 1'000},
      {"max_h2_connections", &pool_options::max_h2_connections, 1, 100'000},
      {"max_concurrent_h2_dials", &pool_options::max_concurrent_h2_dials, 1, 1'000},
      {"target_streams", &pool_options::target_streams, 1, 100'000},
      {"max_streams", &pool_options::max_streams, 1, 100'000},
      {"stream_window_bytes", &pool_options::stream_window_bytes, 65'535, 2'147'483'647},
      {"connection_window_bytes", &pool_options::connection_window_bytes, 65'535, 2'147'483'647},
  };
  for (const size_field& each : fields) {
    for (const std::size_t good : {each.least, each.most}) {
      pool_options options;
      options.*each.field = good;
      EXPECT_EQ(complaint(options), "") << each.name;
    }
    for (const std::size_t bad : {each.least - 1, each.most + 1}) {
      if (bad > each.most + 1) {
        continue;  // nothing is below zero
      }
      pool_options options;
      options.*each.field = bad;
      EXPECT_EQ(complaint(options).find(std::string(each.name) + " is "), 0U) << each.name << " " << bad;
    }
  }
}

struct duration_field {
  const char* name;
  std::optional<milliseconds> pool_options::*field;
  milliseconds least;
  milliseconds most = 24h;
};

TEST(settings, durations_are_checked_at_both_ends) {
  const duration_field fields[] = {
      {"idle_burst_grace", &pool_options::idle_burst_grace, 0ms},
      {"idle_timeout", &pool_options::idle_timeout, 0ms},
      {"acquire_timeout", &pool_options::acquire_timeout, 1ms},
      {"connect_timeout", &pool_options::connect_timeout, 1ms},
      {"tls_timeout", &pool_options::tls_timeout, 1ms},
      {"inactivity_timeout", &pool_options::inactivity_timeout, 1ms},
      {"stream_idle_timeout", &pool_options::stream_idle_timeout, 1ms},
      {"total_timeout", &pool_options::total_timeout, 1ms},
      {"dead_path_timeout", &pool_options::dead_path_timeout, 100ms, 30s},
      {"drain_timeout", &pool_options::drain_timeout, 0ms},
      {"max_lifetime", &pool_options::max_lifetime, 0ms},
      {"report_lease_after", &pool_options::report_lease_after, 0ms},
      {"connect_stagger", &pool_options::connect_stagger, 10ms},
      {"ping_after", &pool_options::ping_after, 10ms},
      {"ping_at_checkout_after", &pool_options::ping_at_checkout_after, 10ms},
      {"ping_timeout", &pool_options::ping_timeout, 10ms},
  };
  for (const duration_field& each : fields) {
    for (const milliseconds good : {each.least, each.most}) {
      pool_options options;
      options.*each.field = good;
      EXPECT_EQ(complaint(options), "") << each.name;
    }
    for (const milliseconds bad : {each.least - 1ms, each.most + 1ms}) {
      pool_options options;
      options.*each.field = bad;
      EXPECT_EQ(complaint(options).find(std::string(each.name) + " is "), 0U) << each.name << " " << bad.count();
    }
  }
}

TEST(settings, the_back_off_is_checked_at_both_ends) {
  for (const milliseconds good : {1ms, milliseconds(24h)}) {
    pool_options options;
    options.dial_backoff_min = options.dial_backoff_max = good;
    EXPECT_EQ(complaint(options), "");
  }
  for (const milliseconds bad : {0ms, milliseconds(24h) + 1ms}) {
    pool_options options;
    options.dial_backoff_min = bad;
    EXPECT_EQ(complaint(options).find("dial_backoff_min is "), 0U) << bad.count();
    options = {};
    options.dial_backoff_max = bad;
    EXPECT_EQ(complaint(options).find("dial_backoff_max is "), 0U) << bad.count();
  }
}

TEST(settings, a_client_certificate_needs_its_key_and_the_key_its_certificate) {
  pool_options options;
  options.tls = tls_options{};
  options.tls->client_certificate_file = "client.pem";
  EXPECT_EQ(complaint(options), "tls.client_key_file is empty; it must be set when tls.client_certificate_file is");
  options.tls->client_key_file = "client.key";
  EXPECT_EQ(complaint(options), "");
  options.tls->client_certificate_file.clear();
  EXPECT_EQ(complaint(options), "tls.client_certificate_file is empty; it must be set when tls.client_key_file is");
}

TEST(settings, a_server_name_must_be_one_that_a_certificate_can_hold) {
  pool_options options;
  for (const std::string& bad : {std::string(254, 'x'), std::string("a\0b", 3), std::string("."), std::string("a b")}) {
    options.tls = tls_options{};
    options.tls->server_name = bad;
    EXPECT_EQ(complaint(options).find("tls.server_name is not a host name"), 0U) << bad;
  }
  options.tls->server_name = "api.example.com";
  EXPECT_EQ(complaint(options), "");
}

TEST(settings, tls_options_are_replaced_as_a_whole) {
  pool_settings base;
  base.tls.ca_file = "ca.pem";
  pool_options options;
  options.tls = tls_options{};
  EXPECT_EQ(merge(base, options)->tls, tls_options{});
}

}  // namespace
}  // namespace warmwire::settings_test

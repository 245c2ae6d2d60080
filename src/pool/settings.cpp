// Checks a user's pool options and lays them over the settings.
#include "http/proxy_rules.hpp"

#include <warmwire/options.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds day = 24h;

template <class Value>
struct range {
  Value least;
  Value most;
};

constexpr range<milliseconds> up_to_a_day{0ms, day};
constexpr range<milliseconds> some_time_up_to_a_day{1ms, day};

/// 100000 as "100,000".
std::string with_commas(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string written(std::size_t value) {
  return with_commas(std::to_string(value));
}
std::string written(milliseconds value) {
  return value == day ? "24 h" : with_commas(std::to_string(value.count())) + " ms";
}

error invalid(std::string message) {
  return {.code = errc::invalid_option, .message = std::move(message)};
}

/// Lays one option after the other over the settings, until one is wrong.
class layer {
 public:
  template <class Value>
  void set(std::string_view field, const std::optional<Value>& option, range<Value> allowed, Value& setting) {
    if (failure_ || !option) {
      return;
    }
    if (*option < allowed.least || allowed.most < *option) {
      failure_ = std::string(field) + " is " + written(*option) + "; it must be from " + written(allowed.least) +
                 " to " + written(allowed.most);
      return;
    }
    setting = *option;
  }

  template <class Value>
  void set(const std::optional<Value>& option, Value& setting) {
    if (!failure_ && option) {
      setting = *option;
    }
  }

  void require_order(std::string_view field, milliseconds least, std::string_view other_field, milliseconds most) {
    if (!failure_ && most < least) {
      failure_.emplace(other_field).append(" is ").append(written(most)).append("; it must not be below ");
      failure_->append(field).append(", ").append(written(least));
    }
  }

  void require_pair(std::string_view field, const std::string& value, std::string_view other_field,
                    const std::string& other) {
    if (!failure_ && value.empty() && !other.empty()) {
      failure_ = std::string(field) + " is empty; it must be set when " + std::string(other_field) + " is";
    }
  }

  /// Empty, or what can stand in a certificate (RFC 1035 §2.3.4).
  void require_name(std::string_view field, const std::string& value) {
    const bool is_plain = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!failure_ && (value.size() > 253 || !is_plain || value.starts_with('.'))) {
      failure_.emplace(field).append(
          " is not a host name; it must have at most 253 visible ASCII characters and not begin with a dot");
    }
  }

  void require(const result<void>& checked) {
    if (!failure_ && !checked) failure_ = checked.error().message;
  }

  [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

 private:
  std::optional<std::string> failure_;
};

void set_limits(layer& over, const pool_options& options, pool_settings& settings) {
  over.set("max_connections", options.max_connections, {1, 100'000}, settings.max_connections);
  over.set("max_idle", options.max_idle, {0, 100'000}, settings.max_idle);
  over.set("idle_burst_grace", options.idle_burst_grace, up_to_a_day, settings.idle_burst_grace);
  over.set("idle_timeout", options.idle_timeout, up_to_a_day, settings.idle_timeout);
  over.set("max_concurrent_dials", options.max_concurrent_dials, {1, 1'000}, settings.max_concurrent_dials);
  over.set("min_warm", options.min_warm, {0, 1'000}, settings.min_warm);
  over.set("max_lifetime", options.max_lifetime, up_to_a_day, settings.max_lifetime);
  over.set(options.learn_idle_timeout, settings.learn_idle_timeout);
  over.set("dial_backoff_min", options.dial_backoff_min, some_time_up_to_a_day, settings.dial_backoff_min);
  over.set("dial_backoff_max", options.dial_backoff_max, some_time_up_to_a_day, settings.dial_backoff_max);
  over.require_order("dial_backoff_min", settings.dial_backoff_min, "dial_backoff_max", settings.dial_backoff_max);
  over.set(options.max_pending, settings.max_pending);
  over.set("acquire_timeout", options.acquire_timeout, some_time_up_to_a_day, settings.acquire_timeout);
  over.set(options.scheduling, settings.scheduling);
  over.set(options.replay, settings.replay);
}

void set_http2(layer& over, const pool_options& options, pool_settings& settings) {
  constexpr range<milliseconds> a_moment_up_to_a_day{10ms, day};
  constexpr range<std::size_t> window{65'535, 2'147'483'647};  // RFC 9113 §6.9.1
  over.set(options.protocol, settings.protocol);
  over.set("max_h2_connections", options.max_h2_connections, {1, 100'000}, settings.max_h2_connections);
  over.set("max_concurrent_h2_dials", options.max_concurrent_h2_dials, {1, 1'000}, settings.max_concurrent_h2_dials);
  over.set("target_streams", options.target_streams, {1, 100'000}, settings.target_streams);
  over.set("max_streams", options.max_streams, {1, 100'000}, settings.max_streams);
  over.set("ping_after", options.ping_after, a_moment_up_to_a_day, settings.ping_after);
  over.set("ping_at_checkout_after", options.ping_at_checkout_after, a_moment_up_to_a_day,
           settings.ping_at_checkout_after);
  over.set("ping_timeout", options.ping_timeout, a_moment_up_to_a_day, settings.ping_timeout);
  over.set("stream_window_bytes", options.stream_window_bytes, window, settings.stream_window_bytes);
  over.set("connection_window_bytes", options.connection_window_bytes, window, settings.connection_window_bytes);
}

void set_timeouts(layer& over, const pool_options& options, pool_settings& settings) {
  over.set("connect_stagger", options.connect_stagger, {10ms, day}, settings.connect_stagger);
  over.set("report_lease_after", options.report_lease_after, up_to_a_day, settings.report_lease_after);
  over.set("connect_timeout", options.connect_timeout, some_time_up_to_a_day, settings.connect_timeout);
  over.set("tls_timeout", options.tls_timeout, some_time_up_to_a_day, settings.tls_timeout);
  over.set("inactivity_timeout", options.inactivity_timeout, some_time_up_to_a_day, settings.inactivity_timeout);
  over.set("stream_idle_timeout", options.stream_idle_timeout, some_time_up_to_a_day, settings.stream_idle_timeout);
  over.set("total_timeout", options.total_timeout, some_time_up_to_a_day, settings.total_timeout);
  over.set("dead_path_timeout", options.dead_path_timeout, {100ms, 30s}, settings.dead_path_timeout);
  over.set("drain_timeout", options.drain_timeout, up_to_a_day, settings.drain_timeout);
}

void set_sizes(layer& over, const pool_options& options, pool_settings& settings) {
  over.set(options.max_request_body_bytes, settings.max_request_body_bytes);
  over.set(options.max_response_body_bytes, settings.max_response_body_bytes);
  over.set(options.drain_bytes, settings.drain_bytes);
}

void set_tls(layer& over, const pool_options& options, pool_settings& settings) {
  if (options.tls) {
    const tls_options& tls = *options.tls;
    over.require_name("tls.server_name", tls.server_name);
    over.require_pair("tls.client_key_file", tls.client_key_file, "tls.client_certificate_file",
                      tls.client_certificate_file);
    over.require_pair("tls.client_certificate_file", tls.client_certificate_file, "tls.client_key_file",
                      tls.client_key_file);
  }
  over.set(options.tls, settings.tls);
}

void set_proxy(layer& over, const pool_options& options, pool_settings& settings) {
  if (options.proxy) over.require(http::check(*options.proxy));
  over.set(options.proxy, settings.proxy);
}

}  // namespace

result<pool_settings> merge(pool_settings base, const pool_options& options) {
  layer over;
  set_limits(over, options, base);
  set_http2(over, options, base);
  set_timeouts(over, options, base);
  set_sizes(over, options, base);
  set_tls(over, options, base);
  set_proxy(over, options, base);
  if (over.failure()) {
    return invalid(*over.failure());
  }
  return base;
}

}  // namespace warmwire

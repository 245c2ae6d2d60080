#include "cli/comparison.hpp"

#include "emulator/emulator.hpp"

#include <warmwire/client.hpp>

#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace warmwire::cli {
namespace {

client client_of(const emulator::server& server) {
  transport_options options;
  options.defaults.tls = tls_options{.ca_file = server.ca_file()};
  options.defaults.proxy = proxy_options{.use_environment = false};  // none leads to the emulator
  return client({.api_key = secret("not-a-key"), .base_url = server.base_url(), .max_retries = 0},
                std::make_shared<blocking_transport>(std::move(options)));
}

result<void> timed_call(client& by, latency_histogram& into) {
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = by.chat("How warm is this connection?");
  if (!reply) return reply.error();
  into.add(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
  return {};
}

result<std::uint64_t> opened(client& by) {
  const auto stats = by.transport().stats("openai");
  if (!stats) return stats.error();
  return stats->opened;
}

result<void> unpooled_call(const emulator::server& server, side& into) {
  auto lonely = client_of(server);
  // Reads the authority's file now: a program without a pool does that once and not at each call.
  if (auto prepared = lonely.transport().configure("openai", {}); !prepared) return prepared;
  if (auto done = timed_call(lonely, into.latency); !done) return done;
  const auto count = opened(lonely);
  if (!count) return count.error();
  into.opened += *count;
  return {};
}

}  // namespace

double comparison::saving_percent() const {
  const double without = unpooled.latency.mean_ms();
  return without == 0 ? 0 : (1 - pooled.latency.mean_ms() / without) * 100;
}

double theoretical_saving_percent(const comparison_plan& plan) {
  const auto rtt = static_cast<double>(plan.rtt.count());
  const double whole = 3 * rtt + static_cast<double>(plan.server_time.count());
  return whole == 0 ? 0 : 2 * rtt / whole * 100;
}

result<comparison> compare(const comparison_plan& plan, const std::function<void(unsigned)>& on_progress) {
  emulator::emulator_options options;
  options.latency = plan.server_time;
  options.rtt = plan.rtt;
  options.record = false;
  const emulator::server server(std::move(options));

  comparison out;
  auto pooled = client_of(server);
  latency_histogram uncounted;
  if (auto warm = timed_call(pooled, uncounted); !warm) return warm.error();
  for (unsigned done = 0; done < plan.requests; ++done) {
    on_progress(done);
    std::this_thread::sleep_for(plan.gap);
    if (auto call = timed_call(pooled, out.pooled.latency); !call) return call.error();
    if (auto call = unpooled_call(server, out.unpooled); !call) return call.error();
  }
  const auto count = opened(pooled);
  if (!count) return count.error();
  out.pooled.opened = *count;
  return out;
}

}  // namespace warmwire::cli

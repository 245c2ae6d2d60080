// What the pool's decisions cost without I/O. The target is 150 ns for an acquire and a release, whatever the number of
// connections and waiters (docs/performance.md).
#include "pool/deadlines.hpp"
#include "pool/origin_pool.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace warmwire::pool {
namespace {

using namespace std::chrono_literals;

pool_settings roomy(std::size_t connections) {
  pool_settings settings;
  settings.max_connections = connections;
  settings.max_idle = connections;
  settings.max_concurrent_dials = connections;
  settings.max_pending = 1'000'000;
  return settings;
}

/// A pool whose connections all carry one request each.
struct busy_pool {
  explicit busy_pool(const pool_settings& settings) : pool(settings) {
    for (std::size_t each = 0; each < settings.max_connections; ++each) {
      arrive();
      connections.push_back(out.front().connection);
    }
    for (const connection_id each : connections) {
      out.clear();
      pool.dial_succeeded(each, {.streams = 1}, now, out);
    }
  }

  void arrive() {
    out.clear();
    pool.request_arrived(request_id{++requests}, freshness::any, now, out);
  }

  void end(connection_id connection, const keep_alive_hint& hint = {}) {
    now += 1us;
    out.clear();
    pool.stream_ended(connection, hint, now, out);
  }

  origin_pool pool;
  actions out;
  time_point now{1h};
  std::uint64_t requests = 0;
  std::vector<connection_id> connections;
};

/// A request takes an idle connection, and gives it back.
void acquire_and_release(benchmark::State& state, scheduling order, const keep_alive_hint& hint) {
  pool_settings settings = roomy(static_cast<std::size_t>(state.range(0)));
  settings.scheduling = order;
  busy_pool busy(settings);
  for (const connection_id each : busy.connections) {
    busy.end(each, hint);
  }
  for (auto _ : state) {
    busy.arrive();
    busy.end(busy.out.front().connection, hint);
    benchmark::DoNotOptimize(busy.pool.next_wakeup());
  }
}

BENCHMARK_CAPTURE(acquire_and_release, lifo, scheduling::lifo, {})->Arg(1)->Arg(1'000)->ArgName("connections");
BENCHMARK_CAPTURE(acquire_and_release, fifo, scheduling::fifo, {})->Arg(1)->Arg(1'000)->ArgName("connections");
BENCHMARK_CAPTURE(acquire_and_release, lifo_with_hints, scheduling::lifo, {.timeout = 75s})
    ->Arg(1)
    ->Arg(1'000)
    ->ArgName("connections");
BENCHMARK_CAPTURE(acquire_and_release, fifo_with_hints, scheduling::fifo, {.timeout = 75s})
    ->Arg(1)
    ->Arg(1'000)
    ->ArgName("connections");

/// A stream ends and goes to the oldest waiter, while a new request queues behind the last.
void hand_over(benchmark::State& state) {
  busy_pool busy(roomy(1));
  for (std::int64_t each = 0; each < state.range(0); ++each) {
    busy.arrive();
  }
  for (auto _ : state) {
    busy.end(busy.connections.front());
    busy.arrive();
    benchmark::DoNotOptimize(busy.pool.next_wakeup());
  }
}

BENCHMARK(hand_over)->RangeMultiplier(10)->Range(1, 10'000)->ArgName("waiters");

/// A request queues behind the others, and is cancelled.
void queue_and_cancel(benchmark::State& state) {
  busy_pool busy(roomy(1));
  for (std::int64_t each = 0; each < state.range(0); ++each) {
    busy.arrive();
  }
  for (auto _ : state) {
    busy.arrive();
    busy.out.clear();
    busy.pool.request_cancelled(request_id{busy.requests}, busy.now, busy.out);
  }
}

BENCHMARK(queue_and_cancel)->RangeMultiplier(10)->Range(1, 10'000)->ArgName("waiters");

struct silent_deadline final : deadline {
  void expired(time_point) override {}
};

/// An exchange gets a deadline, moves it for each of ten reads, and is done.
void deadline_of_an_exchange(benchmark::State& state) {
  deadline_heap heap;
  time_point now{1h};
  std::vector<silent_deadline> others(static_cast<std::size_t>(state.range(0)));
  for (silent_deadline& each : others) {
    heap.add(each, now += 1us);
  }
  silent_deadline own;
  for (auto _ : state) {
    heap.add(own, now += 1us);
    for (int reads = 0; reads < 10; ++reads) {
      heap.move(own, now += 1us);
    }
    heap.remove(own);
  }
  for (silent_deadline& each : others) {
    heap.remove(each);
  }
}

BENCHMARK(deadline_of_an_exchange)->RangeMultiplier(10)->Range(1, 10'000)->ArgName("others");

}  // namespace
}  // namespace warmwire::pool

// What a thousand idle TLS connections hold in memory: the heap by malloc's own count, and the resident set. Kernel
// buffers are not counted. The target is 24 KB for a connection with everything around it at 1,000 connections.
#include "crowd_server.hpp"

#include <warmwire/transport.hpp>

#include <benchmark/benchmark.h>
#include <boost/asio/io_context.hpp>
#include <malloc.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>

namespace warmwire::bench {
namespace {

constexpr std::size_t crowd = 1000;

struct memory {
  double heap_bytes = 0;
  double resident_bytes = 0;
};

memory memory_now() {
  ::malloc_trim(0);
  const auto heap = ::mallinfo2();
  std::size_t pages = 0;
  std::size_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident_pages;
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return {.heap_bytes = static_cast<double>(heap.uordblks + heap.hblkhd),
          .resident_bytes = static_cast<double>(resident_pages * page_bytes)};
}

void report(benchmark::State& state, const memory& before) {
  const memory after = memory_now();
  const auto count = static_cast<double>(crowd);
  state.counters["heap_bytes"] = (after.heap_bytes - before.heap_bytes) / count;
  state.counters["resident_bytes"] = (after.resident_bytes - before.resident_bytes) / count;
}

/// What a user's process holds: stream, connection, pool and their bookkeeping, after one exchange on each.
void idle_tls_connection(benchmark::State& state) {
  const crowd_server server(crowd);
  boost::asio::io_context io(1);
  transport pools(io.get_executor());
  pool_options options;
  options.max_connections = crowd;
  options.max_idle = crowd;
  options.tls.emplace().ca_file = server.ca_file();
  pools.configure("default", options).value();
  for (auto _ : state) {
    const memory before = memory_now();
    std::size_t answered = 0;
    for (std::size_t i = 0; i < crowd; ++i) {
      request message;
      message.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
      pools.async_send(std::move(message), [&](const result<response>& got) {
        if (!got) state.SkipWithError(got.error().to_string().c_str());
        ++answered;
      });
    }
    while (answered < crowd)
      io.run_one();
    io.poll();
    if (pools.stats("default").idle != crowd) state.SkipWithError("not every connection is idle");
    report(state, before);
  }
}

BENCHMARK(idle_tls_connection)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace warmwire::bench

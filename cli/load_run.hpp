// Many callers at once over one pool, for a while. Runs on the thread that calls it, with an event loop of its own.
#pragma once

#include "cli/statistics.hpp"

#include <warmwire/client_options.hpp>
#include <warmwire/error.hpp>
#include <warmwire/options.hpp>
#include <warmwire/stats.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace warmwire::cli {

struct load_plan {
  std::size_t callers = 0;
  std::size_t pool_size = 0;
  std::optional<std::size_t> h2_pool_size{};  ///< the pool's own limit when it is not set
  http_protocol protocol = http_protocol::automatic;
  std::chrono::milliseconds duration{};
  bool stream = false;           ///< streamed answers, each read to its end
  std::optional<double> rate{};  ///< calls per second in all; without it every caller calls as fast as it can
  client_options client{};
  std::string ca_file{};
  bool direct = false;  ///< whatever proxy the environment names
};

/// What is left when everything was closed; all zero when nothing leaks.
struct leaks {
  std::size_t sockets = 0;  ///< of this process beyond those that it had before the pool was opened
  std::size_t active = 0;
  std::size_t pending = 0;

  [[nodiscard]] bool any() const noexcept { return sockets + active + pending > 0; }
};

struct failures {
  std::uint64_t count = 0;
  error first;
};

struct load_figures {
  std::uint64_t requests = 0;  ///< calls that ended, well or badly
  std::uint64_t errors = 0;
  std::map<std::string, failures> errors_by_kind;
  latency_histogram latency;  ///< of the calls that ended well; with a rate, from when a call was due
  latency_histogram first;    ///< of streamed calls that ended well: until the first event
  std::uint64_t events = 0;   ///< of streamed answers
  std::chrono::duration<double> elapsed{};
  pool_stats pool;  ///< before closing
  leaks left;

  [[nodiscard]] double throughput() const;
};

/// Runs the plan, closes the pool and looks for what is left. `on_second` is called once a second with the figures so
/// far. Calls that are still under way at the end get ten seconds. SIGINT ends the run early.
[[nodiscard]] load_figures run_load(const load_plan& plan, const std::function<void(const load_figures&)>& on_second);

}  // namespace warmwire::cli

#include "cli/load.hpp"

#include "cli/advice.hpp"
#include "cli/durations.hpp"
#include "cli/emulator_process.hpp"
#include "cli/json_text.hpp"
#include "cli/load_run.hpp"
#include "cli/terminal.hpp"
#include "text/printable.hpp"

#include <warmwire/client.hpp>

#include <boost/json/value.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>

namespace warmwire::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct load_command {
  std::size_t connections = 100;
  std::chrono::milliseconds duration = 60s;
  std::optional<std::size_t> pool_size;
  std::optional<double> rate;
  std::string base_url;
  std::string ca_file;
  std::optional<std::chrono::microseconds> latency;
  std::optional<std::chrono::microseconds> rtt;
  bool stream = false;
  bool http1 = false;
  bool http2 = false;
  bool json = false;

  [[nodiscard]] http_protocol protocol() const {
    if (http1) return http_protocol::http1;
    return http2 ? http_protocol::http2 : http_protocol::automatic;
  }
  [[nodiscard]] std::size_t pool_limit() const { return pool_size.value_or(connections); }
};

void declare_options(CLI::App& usage, load_command& what) {
  usage.add_option("--connections", what.connections, "Concurrent callers, and the pool's limit")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
  add_duration(usage, {.flag = "--duration", .help = "How long to call; default 60s", .at_least = 100ms},
               what.duration);
  usage
      .add_option("--pool-size", what.pool_size,
                  "The pool's limit, when it is not one connection per caller, or 8 over HTTP/2")
      ->check(CLI::Range(1U, 100'000U));
  usage.add_option("--rate", what.rate, "Calls per second in all, such as 0.5; default as fast as the callers can")
      ->check(CLI::Range(0.001, 1e6));
  usage.add_option("--base-url", what.base_url,
                   "Server to call, such as https://localhost:8443/v1; default the built-in emulator, over TLS");
  usage.add_option("--ca-file", what.ca_file, "PEM file of the authorities to trust instead of the system's");
  add_duration(usage, {.flag = "--latency", .help = "Server time of the built-in emulator; default 0"}, what.latency);
  add_duration(usage, {.flag = "--rtt", .help = "Round-trip time that it simulates in user space; default 0"},
               what.rtt);
  auto* http1 = usage.add_flag("--http1", what.http1, "HTTP/1.1 only; default what the server picks, HTTP/2 preferred");
  usage.add_flag("--http2", what.http2, "HTTP/2 only")->excludes(http1);
  usage.add_flag("--json", what.json, "Print one JSON object");
  usage.add_flag("--stream", what.stream,
                 "Streamed answers: a call is over with the last event, and `first` is the time to the first one");
  usage.footer(
      "With --base-url the key is read from OPENAI_API_KEY; without one, 'not-a-key' is sent, which is enough for\n"
      "`warmwire emulate`. A caller whose call failed pauses for 100 ms.\n"
      "Exit code 1 when a call failed or when something is left after closing.");
}

void check(const load_command& what) {
  if (!what.base_url.empty() && (what.latency || what.rtt)) {
    throw usage_error("--latency and --rtt are for the built-in emulator and do not go with --base-url");
  }
}

void check(const client& chats) {
  const auto ok = chats.check();
  if (ok) return;
  if (is_wrong_usage(ok.error().code)) throw usage_error(ok.error().to_string());
  throw exception(ok.error());
}

// One socket per caller here, and as many in the emulator's process, which inherits the limit.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

emulator::emulator_options emulator_options_of(const load_command& what) {
  emulator::emulator_options out;
  out.latency = what.latency.value_or(0us);
  out.rtt = what.rtt.value_or(0us);
  out.record = false;
  return out;
}

load_plan plan_of(const load_command& what, const emulator_process* server) {
  load_plan out{.callers = what.connections,
                .pool_size = what.pool_limit(),
                .h2_pool_size = what.pool_size,
                .protocol = what.protocol(),
                .duration = what.duration,
                .stream = what.stream,
                .rate = what.rate,
                // A load test counts failures; a retry would hide them.
                .client = {.base_url = what.base_url, .max_retries = 0},
                .ca_file = what.ca_file};
  if (server == nullptr) {
    const char* key = ::secure_getenv("OPENAI_API_KEY");
    if (key == nullptr || *key == '\0') out.client.api_key = secret("not-a-key");
    return out;
  }
  out.client.base_url = server->base_url();
  out.client.api_key = secret("not-a-key");  // the user's own stays at home
  out.ca_file = server->ca_file();
  out.direct = true;
  return out;
}

double seconds(std::chrono::milliseconds value) {
  return std::chrono::duration<double>(value).count();
}

json::object percentiles_json(const latency_histogram& of) {
  return {{"p50", rounded(of.percentile_ms(50))},
          {"p90", rounded(of.percentile_ms(90))},
          {"p99", rounded(of.percentile_ms(99))},
          {"max", rounded(of.max_ms())}};
}

json::object figures_json(const load_command& what, const load_figures& figures) {
  json::object out = {
      {"connections", what.connections},
      {"duration_s", seconds(what.duration)},
      {"requests", figures.requests},
      {"errors", figures.errors},
      {"throughput_rps", rounded(figures.throughput())},
      {"latency_ms", percentiles_json(figures.latency)},
      {"pool",
       {{"opened", figures.pool.opened}, {"reused", figures.pool.reused}, {"peak_pending", figures.pool.peak_pending}}},
      {"leaks",
       {{"sockets", figures.left.sockets}, {"active", figures.left.active}, {"pending", figures.left.pending}}}};
  if (what.stream) {
    out["first_event_ms"] = percentiles_json(figures.first);
    out["events"] = figures.events;
  }
  return out;
}

void print_heading(const load_command& what, const load_plan& plan, const style& look) {
  std::cout << look.bold("warmwire load") << ": " << what.connections << " callers for "
            << emulator::duration_text(what.duration) << " over a pool of at most " << plan.pool_size << " connections";
  if (what.stream) std::cout << ", streamed";
  if (what.http1) std::cout << ", HTTP/1.1";
  if (what.http2) std::cout << ", HTTP/2";
  if (what.rate) std::cout << ", " << *what.rate << " calls per second in all";
  // Its query may hold a key.
  std::cout << "\nto " << text::for_terminal(plan.client.base_url.substr(0, plan.client.base_url.find('?')));
  if (what.base_url.empty()) {
    std::cout << " (the built-in emulator: server time " << emulator::duration_text(what.latency.value_or(0us))
              << ", RTT " << emulator::duration_text(what.rtt.value_or(0us)) << " simulated in user space)";
  }
  std::cout << '\n' << std::endl;
}

std::string percentiles_text(const latency_histogram& of) {
  const auto ms = [](double value) { return fixed(value, 2).append(" ms"); };
  return std::string("p50 ")
      .append(ms(of.percentile_ms(50)))
      .append(", p90 ")
      .append(ms(of.percentile_ms(90)))
      .append(", p99 ")
      .append(ms(of.percentile_ms(99)))
      .append(", max ")
      .append(ms(of.max_ms()));
}

void print_figures(const load_figures& figures, const style& look) {
  const auto& left_over = figures.left;
  std::cout << "calls     " << grouped(figures.requests) << " in " << fixed(figures.elapsed.count()) << " s, "
            << look.bold(fixed(figures.throughput()) + " per second") << "\nlatency   "
            << percentiles_text(figures.latency);
  if (figures.first.count() > 0) {
    std::cout << "\nfirst     " << percentiles_text(figures.first) << "\nevents    " << grouped(figures.events);
  }
  std::cout << "\npool      " << grouped(figures.pool.opened) << " opened, " << grouped(figures.pool.reused)
            << " reused, at most " << grouped(figures.pool.peak_pending) << " waiting\nerrors    "
            << (figures.errors == 0 ? look.good("none") : look.bad(grouped(figures.errors))) << "\nleaks     "
            << (left_over.any() ? look.bad("after closing") : look.good("none after closing")) << ": "
            << left_over.sockets << " sockets, " << left_over.active << " active, " << left_over.pending
            << " pending\n";
}

// On standard error, so that --json tells the kinds too.
void print_errors(const load_figures& figures) {
  for (const auto& [kind, failed] : figures.errors_by_kind) {
    std::cerr << "warmwire: " << grouped(failed.count) << " × " << kind << ", the first: " << failed.first.to_string()
              << '\n';
    if (const auto what_to_do = advice(failed.first); !what_to_do.empty()) std::cerr << what_to_do << '\n';
  }
}

std::string progress_line(const load_figures& figures) {
  return fixed(figures.elapsed.count(), 0) + " s  " + grouped(figures.requests) + " calls  " +
         fixed(figures.throughput(), 0) + "/s  p50 " + fixed(figures.latency.percentile_ms(50), 2) + " ms  " +
         grouped(figures.errors) + " errors  " + std::to_string(figures.pool.active) + " active  " +
         std::to_string(figures.pool.pending) + " waiting";
}

int run(const load_command& what) {
  check(what);
  raise_descriptor_limit();
  std::optional<emulator_process> server;
  if (what.base_url.empty()) server.emplace(emulator_options_of(what));
  const auto plan = plan_of(what, server ? &*server : nullptr);
  if (!server) check(client(plan.client));
  const style look(stdout);
  if (!what.json) print_heading(what, plan, look);

  progress line;
  const auto figures = run_load(plan, [&](const load_figures& so_far) { line.show(progress_line(so_far)); });
  line.clear();
  print_errors(figures);
  if (what.json) {
    std::cout << json_text(figures_json(what, figures)) << '\n';
  } else {
    print_figures(figures, look);
  }
  return figures.errors == 0 && !figures.left.any() ? exit_success : exit_failure;
}

}  // namespace

command declare_load(CLI::App& program) {
  auto* usage = program.add_subcommand("load", "Call with many callers at once, measure, and look for leaks");
  auto what = std::make_shared<load_command>();
  declare_options(*usage, *what);
  return {usage, [what] { return run(*what); }};
}

}  // namespace warmwire::cli

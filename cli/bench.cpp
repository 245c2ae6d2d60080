#include "cli/bench.hpp"

#include "cli/comparison.hpp"
#include "cli/durations.hpp"
#include "cli/json_text.hpp"
#include "cli/terminal.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct bench_command {
  std::vector<std::string> rtts{"0", "20ms", "40ms", "130ms"};
  std::chrono::microseconds server_time = 100ms;
  unsigned requests = 20;
  std::chrono::milliseconds gap{};
  bool json = false;
};

struct scenario {
  comparison_plan plan;
  comparison figures;
};

std::chrono::microseconds read_rtt(const std::string& text) {
  const auto value = emulator::parse_duration(text);
  if (!value || *value > 10s) {
    throw usage_error("--rtt " + text + " is not a duration within 0 and 10s, such as 40ms");
  }
  return *value;
}

json::object side_json(const side& one) {
  return {{"mean_ms", rounded(one.latency.mean_ms())},
          {"p50_ms", rounded(one.latency.percentile_ms(50))},
          {"p95_ms", rounded(one.latency.percentile_ms(95))},
          {"opened", one.opened}};
}

json::object scenario_json(const scenario& one) {
  return {{"tls", true},
          {"rtt_ms", number(in_ms(one.plan.rtt))},
          {"server_ms", number(in_ms(one.plan.server_time))},
          {"requests", one.plan.requests},
          {"pooled", side_json(one.figures.pooled)},
          {"unpooled", side_json(one.figures.unpooled)},
          {"saving_percent", rounded(one.figures.saving_percent())}};
}

constexpr std::string_view explanation =
    "\npooled    connections stay open between calls; one uncounted call opened the connection beforehand\n"
    "unpooled  each call dials anew and makes a full TLS 1.3 handshake, as a client without a pool does\n"
    "theory    (1 RTT for TCP + 1 RTT for TLS) / (3 RTT + server time)\n"
    "RTT and server time are simulated in user space by the built-in emulator: half an RTT before the bytes of each\n"
    "direction, and one more for the TCP handshake of a new connection. Times are in ms, of the whole call.\n";

void print_heading(const bench_command& what, const style& look) {
  std::cout << look.bold("warmwire bench") << ": " << what.requests << " calls of each kind over TLS to "
            << "the built-in emulator, in turns";
  if (what.gap > 0ms) std::cout << ", " << emulator::duration_text(what.gap) << " apart";
  std::cout << "\n\n"
            << look.dim(
                   "                 pooled                         unpooled                       saving\n"
                   "  RTT  server      mean     p50     p95  opened     mean     p50     p95  opened  "
                   "measured  theory\n");
}

void print_side(const side& one) {
  for (const double value : {one.latency.mean_ms(), one.latency.percentile_ms(50), one.latency.percentile_ms(95)}) {
    std::cout << right(fixed(value), 8);
  }
  std::cout << right(std::to_string(one.opened), 8);
}

void print_row(const scenario& one, const style& look) {
  std::cout << right(fixed(in_ms(one.plan.rtt), 0), 5) << right(fixed(in_ms(one.plan.server_time), 0), 8) << "  ";
  print_side(one.figures.pooled);
  std::cout << ' ';
  print_side(one.figures.unpooled);
  std::cout << look.good(right(fixed(one.figures.saving_percent()) + " %", 10))
            << right(fixed(theoretical_saving_percent(one.plan)) + " %", 8) << std::endl;
}

scenario measure(const comparison_plan& plan) {
  progress line;
  auto figures = compare(plan, [&](unsigned done) {
    line.show("RTT " + emulator::duration_text(plan.rtt) + ": " + std::to_string(done) + " of " +
              std::to_string(plan.requests) + " pairs of calls");
  });
  if (!figures) throw std::runtime_error("a call failed: " + figures.error().to_string());
  return {plan, std::move(*figures)};
}

int run(const bench_command& what) {
  std::vector<comparison_plan> plans;
  for (const auto& text : what.rtts)
    plans.push_back({read_rtt(text), what.server_time, what.requests, what.gap});
  const style look(stdout);
  if (!what.json) print_heading(what, look);
  json::array scenarios;
  for (const auto& plan : plans) {
    const auto one = measure(plan);
    if (what.json) {
      scenarios.emplace_back(scenario_json(one));
    } else {
      print_row(one, look);
    }
  }
  if (what.json) {
    std::cout << json_text(json::object{{"scenarios", std::move(scenarios)}}) << '\n';
  } else {
    std::cout << look.dim(explanation);
  }
  return exit_success;
}

}  // namespace

command declare_bench(CLI::App& program) {
  auto* usage = program.add_subcommand("bench", "Measure pooled calls against unpooled ones, over an RTT sweep");
  auto what = std::make_shared<bench_command>();
  usage->add_option("--rtt", what->rtts, "Round-trip times to simulate; default 0,20ms,40ms,130ms")->delimiter(',');
  add_duration(*usage, {.flag = "--server-time", .help = "Time the server takes for an answer; default 100ms"},
               what->server_time);
  usage->add_option("--requests", what->requests, "Calls of each kind per round-trip time")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  add_duration(*usage,
               {.flag = "--gap", .help = "Pause before each pair of calls, in which connections are idle; default 0"},
               what->gap);
  usage->add_flag("--json", what->json, "Print one JSON object");
  return {usage, [what] { return run(*what); }};
}

}  // namespace warmwire::cli

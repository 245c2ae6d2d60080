// warmwire emulate: runs the emulator until it is told to stop, then prints what it saw.
#include "cli/emulate.hpp"

#include "cli/durations.hpp"
#include "cli/emulator_report.hpp"
#include "emulator/duration.hpp"
#include "emulator/emulator.hpp"

#include <CLI/Error.hpp>
#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>
#include <vector>

namespace warmwire::cli {
namespace {

using std::chrono::microseconds;

constexpr auto fault_help =
    "Faults are rules, one per line of a script or one per --fault: WHEN: ACTION, ACTION ...\n"
    "  request 3: status 429, header \"retry-after: 1\"\n"
    "  every 10: delay 200ms, reset after 100 bytes\n"
    "  connection 2: close when idle after 1s\n"
    "  path /v1/chat times 1: stray \"HTTP/1.1 408 Request Timeout\\r\\n\\r\\n\"\n"
    "  each connection request 100: goaway last this\n"
    "docs/emulator.md has the whole language and the paths that are answered.";

struct emulate_arguments {
  std::string listen = "127.0.0.1:0";
  bool plain = false;
  bool json = false;
  bool record = false;
  std::string script_file;
  std::vector<std::string> faults;
  std::optional<microseconds> duration;
  emulator::emulator_options server;
};

void append_rules(emulator::script& into, std::string_view text, const std::string& where) {
  auto parsed = emulator::parse_script(text);
  if (!parsed) throw usage_error(where + ": " + parsed.error().message);
  std::move(parsed->rules.begin(), parsed->rules.end(), std::back_inserter(into.rules));
}

std::string read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw usage_error("--script: cannot read '" + path + "'");
  return {std::istreambuf_iterator<char>(file), {}};
}

emulator::script read_faults(const emulate_arguments& given) {
  emulator::script all;
  if (!given.script_file.empty()) append_rules(all, read_script(given.script_file), "--script " + given.script_file);
  for (const std::string& rule : given.faults)
    append_rules(all, rule, "--fault '" + rule + "'");
  return all;
}

std::unique_ptr<emulator::server> start(emulate_arguments& given) {
  const auto address = parse_listen_address(given.listen);
  if (!address) {
    throw usage_error("--listen: cannot use '" + given.listen +
                      "'; allowed: ADDRESS:PORT with a port from 0 to 65535, like 127.0.0.1:8443 or [::1]:0");
  }
  given.server.address = address->host;
  given.server.port = address->port;
  given.server.tls = !given.plain;
  given.server.record = given.record;
  given.server.script = read_faults(given);
  try {
    return std::make_unique<emulator::server>(given.server);
  } catch (const std::invalid_argument& wrong) {
    throw usage_error(wrong.what());
  } catch (const std::system_error& failed) {
    throw std::runtime_error("cannot listen on " + given.listen + ": " + failed.what());
  }
}

void print_ready(std::ostream& out, const emulator::server& server, const emulate_arguments& given) {
  const std::string trust = given.plain ? "" : "SSL_CERT_FILE=" + server.ca_file() + " ";
  out << "base URL  " << server.base_url() << '\n';
  if (!given.plain) out << "CA file   " << server.ca_file() << "  (throw-away, removed at the end)\n";
  if (given.server.rtt > microseconds(0)) {
    out << "RTT       " << emulator::duration_text(given.server.rtt)
        << ", simulated in user space: half of it before each direction's bytes, and one more for the TCP\n"
           "          handshake of each new connection\n";
  }
  out << "try       " << trust << "OPENAI_BASE_URL=" << server.base_url()
      << " OPENAI_API_KEY=sk-test warmwire chat Hello\n"
      << "          " << trust << "curl " << server.base_url() << "/models -H 'Authorization: Bearer sk-test'\n"
      << std::flush;
}

// Returns on SIGINT, SIGTERM or after the duration. The signals are blocked.
void wait_for_the_end(const sigset_t& signals, const std::optional<microseconds>& duration) {
  const auto end = std::chrono::steady_clock::now() + duration.value_or(microseconds(0));
  while (true) {
    if (!duration) {
      int which = 0;
      if (::sigwait(&signals, &which) == 0) return;
      continue;
    }
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(end - std::chrono::steady_clock::now()));
    const timespec limit{left / std::chrono::seconds(1), (left % std::chrono::seconds(1)).count()};
    if (::sigtimedwait(&signals, nullptr, &limit) >= 0 || errno == EAGAIN) return;
  }
}

int run_emulate(emulate_arguments& given) {
  // Before the server's thread starts, which inherits it: the signals are this thread's to wait for.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto server = start(given);
  print_ready(given.json ? std::cerr : std::cout, *server, given);
  wait_for_the_end(signals, given.duration);
  if (given.json) {
    print_report_as_json(std::cout, server->report());
  } else {
    print_report(std::cout, server->report());
  }
  std::cout.flush();
  return std::cout ? exit_success : exit_failure;
}

void declare_options(CLI::App& usage, emulate_arguments& into) {
  emulator::emulator_options& server = into.server;
  usage.add_option("--listen", into.listen, "where to listen; port 0 picks a free one")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  usage.add_flag("--plain", into.plain, "HTTP without TLS");
  add_duration(usage, {.flag = "--latency", .help = "server time of each answer"}, server.latency);
  add_duration(usage,
               {.flag = "--rtt",
                .help = "simulated round trip time; also charged once per new connection, for its TCP handshake",
                .at_most = std::chrono::seconds(60)},
               server.rtt);
  add_duration(usage,
               {.flag = "--keep-alive",
                .help = "announce this idle timeout (Keep-Alive: timeout=) and close idle connections after it",
                .at_least = std::chrono::seconds(1)},
               server.keep_alive);
  usage
      .add_option_function<std::uint64_t>(
          "--max-requests-per-connection",
          [&server](std::uint64_t limit) {
            if (limit == 0) {
              throw CLI::ValidationError("--max-requests-per-connection", "cannot use '0'; allowed: 1 and more");
            }
            server.max_requests_per_connection = limit;
          },
          "the last answer of a connection says Connection: close; with HTTP/2 a GOAWAY says so")
      ->type_name("N");
  CLI::Option* http1 = usage.add_flag_callback(
      "--http1", [&server] { server.protocols = emulator::protocol_choice::http1; }, "speak HTTP/1.1 only");
  usage
      .add_flag_callback(
          "--http2", [&server] { server.protocols = emulator::protocol_choice::http2; },
          "speak HTTP/2 only; without either, ALPN decides, or without TLS the client's first bytes")
      ->excludes(http1);
  usage.add_option("--max-concurrent-streams", server.max_concurrent_streams, "announced to each HTTP/2 connection")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{0}, emulator::max_stream_id))
      ->capture_default_str();
  usage.add_option("--script", into.script_file, "faults, one rule per line")->type_name("FILE");
  usage.add_option("--fault", into.faults, "one rule; may be given more than once")
      ->type_name("RULE")
      ->expected(1)
      ->take_all();
  add_duration(usage,
               {.flag = "--duration", .help = "stop by itself after this time", .at_most = std::chrono::hours(8760)},
               into.duration);
  usage.add_flag("--strict", server.strict,
                 "refuse fields that the emulator does not know, instead of naming them in the report");
  usage.add_flag("--record", into.record,
                 "show the last requests, with their keys, to whoever gets /_emulator/requests");
  usage.add_flag("--json", into.json, "print the report as one JSON object; everything else goes to standard error");
}

}  // namespace

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != host.npos;
  if (host.empty() || has_colon != is_bracketed) return std::nullopt;
  return listen_address{std::string(host), port};
}

command declare_emulate(CLI::App& program) {
  CLI::App* usage = program.add_subcommand("emulate", "Run the provider emulator as a server, until Ctrl-C");
  const auto given = std::make_shared<emulate_arguments>();
  declare_options(*usage, *given);
  usage->footer(fault_help);
  return {usage, [given] { return run_emulate(*given); }};
}

}  // namespace warmwire::cli

#include "cli/demo.hpp"

#include "cli/comparison.hpp"
#include "cli/terminal.hpp"
#include "emulator/duration.hpp"
#include "emulator/emulator.hpp"

#include <warmwire/client.hpp>

#include <array>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto rtt = 40ms;
constexpr auto server_time = 100ms;
constexpr unsigned compared_calls = 8;
constexpr std::size_t question_width = 32;
constexpr std::size_t answer_width = 36;

constexpr std::array questions{"What is a connection pool?", "Why does TCP shake hands?", "What does TLS add to it?",
                               "How long is a round trip?"};
constexpr std::array at_once{"Say it in English.", "Sag es auf Deutsch.", "Dis-le en français.", "Dilo en español."};

void print_section(int number, std::string_view title, const style& look) {
  std::cout << '\n' << look.bold(std::to_string(number) + ". " + std::string(title)) << '\n';
}

void print_chat(std::string_view question, const chat_reply& reply, const style& look) {
  const auto& from = reply.provenance;
  const auto connection = "connection " + std::to_string(from.connection_id) + (from.reused ? ", warm" : ", new");
  const auto ms = static_cast<double>(from.timings.total.count()) / 1000;
  std::cout << "   " << left(shortened(question, question_width), question_width)
            << left(shortened(reply.content, answer_width), answer_width + 1)
            << (from.reused ? look.good(left(connection, 20)) : left(connection, 20)) << right(fixed(ms, 0), 4) << " ms"
            << std::endl;
}

emulator::emulator_options provider_options() {
  emulator::emulator_options out;
  out.latency = server_time;
  out.rtt = rtt;
  return out;
}

client client_of(const emulator::server& provider) {
  transport_options options;
  options.defaults.tls = tls_options{.ca_file = provider.ca_file()};
  options.defaults.proxy = proxy_options{.use_environment = false};  // none leads to the emulator
  return client({.api_key = secret("not-a-key"), .base_url = provider.base_url()},
                std::make_shared<blocking_transport>(std::move(options)));
}

void chat_in_turn(client& by, const style& look) {
  for (const auto* question : questions)
    print_chat(question, by.chat(question).value(), look);
}

void chat_at_once(client& by, const style& look) {
  std::vector<std::future<result<chat_reply>>> replies;
  for (const auto* question : at_once) {
    replies.push_back(std::async(std::launch::async, [copy = by, question]() mutable { return copy.chat(question); }));
  }
  for (std::size_t i = 0; i < replies.size(); ++i)
    print_chat(at_once[i], replies[i].get().value(), look);
}

void print_side(std::string_view name, const side& one) {
  std::cout << "   " << left(name, 10) << right(fixed(one.latency.mean_ms()), 8)
            << right(fixed(one.latency.percentile_ms(50)), 9) << right(fixed(one.latency.percentile_ms(95)), 9)
            << right(std::to_string(one.opened), 9) << '\n';
}

void compare_and_print(const style& look) {
  const comparison_plan plan{.rtt = rtt, .server_time = server_time, .requests = compared_calls};
  progress line;
  const auto figures = compare(plan, [&](unsigned done) {
                         line.show("   " + std::to_string(done) + " of " + std::to_string(plan.requests) + " pairs");
                       }).value();
  line.clear();
  std::cout << look.dim("   ms             mean      p50      p95   opened\n");
  print_side("pooled", figures.pooled);
  print_side("unpooled", figures.unpooled);
  std::cout << "   A pooled call is " << look.good(fixed(figures.saving_percent()) + " %")
            << " shorter; round trips alone "
            << "explain " << fixed(theoretical_saving_percent(plan)) << " %.\n";
}

void print_stats(client& by) {
  const auto stats = by.transport().stats("openai").value();
  std::cout << "   " << stats.requests << " requests over " << stats.opened
            << (stats.opened == 1 ? " connection: " : " connections: ") << stats.reused << " found one warm, "
            << stats.opened << " opened one\n   TLS handshakes: " << stats.tls_full << " full, " << stats.tls_resumed
            << " resumed. Now " << stats.idle << " idle, " << stats.active << " active, " << stats.pending
            << " waiting\n";
  by.transport().close_all().value();
  const auto after = by.transport().stats("openai").value();
  std::cout << "   After closing: " << after.idle << " idle, " << after.active << " active, " << after.pending
            << " waiting\n";
  if (after.idle + after.active + after.pending > 0) throw std::runtime_error("connections are left after closing");
}

int run() {
  const style look(stdout);
  std::cout << look.bold("warmwire demo") << ": warm connections to an AI provider, on this machine alone\n";

  print_section(1, "A provider", look);
  const emulator::server provider(provider_options());
  auto chats = client_of(provider);
  std::cout << "   The built-in emulator speaks OpenAI's API at " << provider.base_url() << ".\n   It takes "
            << emulator::duration_text(server_time) << " for an answer. Round trips of " << emulator::duration_text(rtt)
            << " are simulated in user space: half before the\n"
               "   bytes of each direction, and one more for the TCP handshake of a new connection.\n";

  print_section(2, "Chats over pooled TLS connections", look);
  chat_in_turn(chats, look);
  std::cout << look.dim("   four at once:\n");
  chat_at_once(chats, look);

  print_section(3, "Pooled against unpooled, " + std::to_string(compared_calls) + " calls of each", look);
  compare_and_print(look);

  print_section(4, "The pool's figures", look);
  print_stats(chats);
  return exit_success;
}

}  // namespace

command declare_demo(CLI::App& program) {
  auto* usage = program.add_subcommand("demo", "Show warm connections at work; needs no key and no network");
  return {usage, [] { return run(); }};
}

}  // namespace warmwire::cli

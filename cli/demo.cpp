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
constexpr std::size_t provider_width = 11;
constexpr std::size_t question_width = 28;
constexpr std::size_t answer_width = 31;

struct talk {
  const char* provider;
  const char* model;
  std::array<const char*, 2> questions;
};

constexpr std::array talks{
    talk{"openai", "openai/gpt-5-mini", {"What is a connection pool?", "Why does TCP shake hands?"}},
    talk{"anthropic", "anthropic/claude-sonnet-5-5", {"What does TLS add to it?", "How long is a round trip?"}},
    talk{"google", "google/gemini-2.5-flash", {"Who closes idle sockets?", "What is left of a call?"}}};
constexpr std::array at_once{"Say it in English.", "Sag es auf Deutsch.", "Dis-le en français.", "Dilo en español."};

void print_section(int number, std::string_view title, const style& look) {
  std::cout << '\n' << look.bold(std::to_string(number) + ". " + std::string(title)) << '\n';
}

void print_chat(std::string_view provider, std::string_view question, const chat_reply& reply, const style& look) {
  const auto& from = reply.provenance;
  const auto connection = "connection " + std::to_string(from.connection_id) + (from.reused ? ", warm" : ", new");
  const auto ms = static_cast<double>(from.timings.total.count()) / 1000;
  std::cout << "   " << left(provider, provider_width) << left(shortened(question, question_width), question_width)
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

client demo_client(const emulator::server& provider) {
  transport_options options;
  options.defaults.tls = tls_options{.ca_file = provider.ca_file()};
  options.defaults.proxy = proxy_options{.use_environment = false};  // none leads to the emulator
  const secret key("not-a-key");
  return client({.api_key = key,
                 .base_url = provider.base_url(),
                 .others = {{.provider = "anthropic", .api_key = key, .base_url = provider.origin()},
                            {.provider = "google", .api_key = key, .base_url = provider.origin()}}},
                std::make_shared<blocking_transport>(std::move(options)));
}

chat_reply answer_of(client& by, const char* model, const char* question) {
  return by.stream({.model = model, .messages = {{role::user, question}}}).reply().value();
}

void chat_in_turn(client& by, const style& look) {
  for (const auto& each : talks) {
    for (const auto* question : each.questions)
      print_chat(each.provider, question, answer_of(by, each.model, question), look);
  }
}

void chat_at_once(client& by, const style& look) {
  const auto& with = talks.front();
  std::vector<std::future<chat_reply>> replies;
  for (const auto* question : at_once) {
    replies.push_back(std::async(
        std::launch::async, [copy = by, &with, question]() mutable { return answer_of(copy, with.model, question); }));
  }
  for (std::size_t i = 0; i < replies.size(); ++i)
    print_chat(with.provider, at_once[i], replies[i].get(), look);
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
  for (const auto& each : talks) {
    const auto stats = by.transport().stats(each.provider).value();
    std::cout << "   " << left(each.provider, provider_width) << stats.requests << " requests over " << stats.opened
              << (stats.opened == 1 ? " connection: " : " connections: ") << stats.reused
              << " found one warm; TLS: " << stats.tls_full << " full, " << stats.tls_resumed << " resumed; now "
              << stats.idle << " idle, " << stats.active << " active\n";
  }
  by.transport().close_all().value();
  std::size_t idle = 0;
  std::size_t active = 0;
  std::size_t pending = 0;
  const auto after = by.transport().stats().value();
  for (const auto& each : after) {
    idle += each.idle;
    active += each.active;
    pending += each.pending;
  }
  std::cout << "   After closing: " << idle << " idle, " << active << " active, " << pending << " waiting\n";
  if (idle + active + pending > 0) throw std::runtime_error("connections are left after closing");
}

int run() {
  const style look(stdout);
  std::cout << look.bold("warmwire demo") << ": warm connections to AI providers, on this machine alone\n";

  print_section(1, "Three providers", look);
  const emulator::server provider(provider_options());
  auto chats = demo_client(provider);
  std::cout << "   The built-in emulator speaks the APIs of OpenAI, Anthropic and Google at " << provider.origin()
            << ".\n   It takes " << emulator::duration_text(server_time) << " for an answer. Round trips of "
            << emulator::duration_text(rtt)
            << " are simulated in user space: half before the\n"
               "   bytes of each direction, and one more for the TCP handshake of a new connection.\n";

  print_section(2, "Streamed answers over pooled TLS connections", look);
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

#include "cli/chat.hpp"

#include "cli/advice.hpp"
#include "cli/durations.hpp"
#include "cli/json_text.hpp"
#include "cli/terminal.hpp"

#include <warmwire/client.hpp>

#include <boost/json/value.hpp>

#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace warmwire::cli {
namespace {

namespace json = boost::json;

struct chat_command {
  client_options client;
  std::string model;
  std::string system;
  std::optional<double> temperature;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::chrono::milliseconds> timeout;
  std::string ca_file;
  std::string prompt;
  bool no_stream = false;
  bool verbose = false;
  bool json = false;
};

void declare_options(CLI::App& usage, chat_command& what) {
  usage.add_option("PROMPT", what.prompt, "The question; - reads it from standard input")->required();
  usage
      .add_option("--provider", what.client.provider,
                  "Id of the provider. Any but openai needs a base URL, speaks the same API, and has variables of its "
                  "own name (GROQ_API_KEY for groq)")
      ->capture_default_str();
  usage.add_option("--model", what.model, "Model to ask; default the provider's, gpt-5-mini for openai");
  usage.add_option("--base-url", what.client.base_url, "Such as https://localhost:8443/v1; default OPENAI_BASE_URL");
  usage.add_option("--system", what.system, "Instructions that go before the question");
  usage.add_option("--temperature", what.temperature, "0 to 2; default the provider's");
  usage.add_option("--max-tokens", what.max_tokens, "Longest answer, in tokens; default the provider's");
  add_duration(usage,
               {.flag = "--timeout",
                .help = "Longest wait for the answer, such as 30s; default 10m",
                .at_least = std::chrono::milliseconds(1)},
               what.timeout);
  usage.add_option("--ca-file", what.ca_file, "PEM file of the authorities to trust instead of the system's");
  usage.add_flag("--no-stream", what.no_stream,
                 "Print the answer when it is complete; this version always does, streaming comes later");
  usage.add_flag("--verbose", what.verbose, "Tell on standard error what the answer cost and which connection it took");
  usage.add_flag("--json", what.json, "Print one JSON object: the answer or the error, with all that is known of it");
  usage.footer(
      "The key is read from OPENAI_API_KEY. Also read: OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID,\n"
      "OPENAI_CUSTOM_HEADERS, DEBUG_CONNECTIONS, SSL_CERT_FILE, SSL_CERT_DIR.");
}

std::string read_prompt(const std::string& argument) {
  std::string text = argument;
  if (argument == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  if (text.empty()) throw usage_error("the prompt is empty");
  return text;
}

chat_request request_of(const chat_command& what) {
  chat_request out;
  out.model = what.model;
  if (!what.system.empty()) out.messages.push_back({role::system, what.system});
  out.messages.push_back({role::user, read_prompt(what.prompt)});
  out.temperature = what.temperature;
  out.max_tokens = what.max_tokens;
  out.timeout = what.timeout;
  return out;
}

client client_of(const chat_command& what) {
  transport_options options;
  if (!what.ca_file.empty()) options.defaults.tls = tls_options{.ca_file = what.ca_file};
  return client(what.client, std::make_shared<blocking_transport>(std::move(options)));
}

double in_ms(std::chrono::microseconds value) {
  return static_cast<double>(value.count()) / 1000;
}

json::object timings_json(const timings& spent) {
  return {{"queue", in_ms(spent.queue)}, {"resolve", in_ms(spent.resolve)},       {"connect", in_ms(spent.connect)},
          {"tls", in_ms(spent.tls)},     {"first_byte", in_ms(spent.first_byte)}, {"total", in_ms(spent.total)}};
}

json::object reply_json(const chat_reply& reply) {
  const auto& tokens = reply.usage;
  const auto& from = reply.provenance;
  return {{"content", reply.content},
          {"refusal", reply.refusal},
          {"finish", to_string(reply.finish)},
          {"model", reply.model},
          {"id", reply.id},
          {"request_id", reply.request_id},
          {"usage",
           {{"input_tokens", tokens.input_tokens},
            {"output_tokens", tokens.output_tokens},
            {"total_tokens", tokens.total_tokens},
            {"cached_tokens", tokens.cached_tokens},
            {"reasoning_tokens", tokens.reasoning_tokens}}},
          {"connection",
           {{"id", from.connection_id},
            {"reused", from.reused},
            {"remote", from.remote_address},
            {"protocol", from.protocol},
            {"tls_resumed", from.tls_resumed},
            {"replays", from.replays}}},
          {"timings_ms", timings_json(from.timings)}};
}

json::object error_json(const error& reason) {
  json::object out{{"code", to_string(reason.code)},
                   {"phase", to_string(reason.phase)},
                   {"message", reason.message},
                   {"http_status", reason.http_status},
                   {"provider_type", reason.provider_type},
                   {"provider_code", reason.provider_code},
                   {"request_id", reason.request_id},
                   {"retry_after_ms", nullptr}};
  if (reason.retry_after) out["retry_after_ms"] = reason.retry_after->count();
  return {{"error", std::move(out)}};
}

void print_details(const chat_reply& reply) {
  const auto& from = reply.provenance;
  const auto& spent = from.timings;
  std::cerr << "model " << reply.model << ", finish " << to_string(reply.finish) << ", " << reply.usage.input_tokens
            << " tokens in, " << reply.usage.output_tokens << " out";
  if (!reply.request_id.empty()) std::cerr << ", request " << reply.request_id;
  std::cerr << "\nconnection " << from.connection_id << (from.reused ? " (reused)" : " (new)") << " to "
            << from.remote_address << ", " << from.protocol << "\nms: queue " << fixed(in_ms(spent.queue))
            << ", resolve " << fixed(in_ms(spent.resolve)) << ", connect " << fixed(in_ms(spent.connect)) << ", tls "
            << fixed(in_ms(spent.tls)) << ", first byte " << fixed(in_ms(spent.first_byte)) << ", total "
            << fixed(in_ms(spent.total)) << '\n';
}

// A model's text may hold escape sequences; a terminal shall not obey them. A pipe gets every byte.
std::string for_terminal(std::string text) {
  std::erase_if(text, [](char c) { return (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7F; });
  return text;
}

int report(const error& reason, bool as_json) {
  if (as_json) std::cout << json_text(error_json(reason)) << '\n';
  std::cerr << "warmwire: " << reason.to_string() << '\n';
  if (const auto what_to_do = advice(reason); !what_to_do.empty()) std::cerr << what_to_do << '\n';
  return is_wrong_usage(reason.code) ? exit_usage : exit_failure;
}

int run(const chat_command& what) {
  const auto reply = client_of(what).chat(request_of(what));
  if (!reply) return report(reply.error(), what.json);
  if (what.verbose) print_details(*reply);
  if (what.json) {
    std::cout << json_text(reply_json(*reply)) << '\n';
  } else if (reply->refusal.empty()) {
    std::cout << (is_terminal(stdout) ? for_terminal(reply->content) : reply->content) << '\n';
  }
  if (!reply->refusal.empty()) {
    std::cerr << "warmwire: the model declined: " << for_terminal(reply->refusal) << '\n';
    return exit_failure;
  }
  if (reply->finish == finish_reason::length) std::cerr << "warmwire: the answer was cut off at its longest length\n";
  return exit_success;
}

}  // namespace

command declare_chat(CLI::App& program) {
  auto* usage = program.add_subcommand("chat", "Ask a model one question");
  auto what = std::make_shared<chat_command>();
  declare_options(*usage, *what);
  return {usage, [what] { return run(*what); }};
}

}  // namespace warmwire::cli

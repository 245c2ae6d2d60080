#include "cli/chat.hpp"

#include "cli/advice.hpp"
#include "cli/chat_output.hpp"
#include "cli/conversation.hpp"
#include "cli/durations.hpp"
#include "cli/json_text.hpp"
#include "cli/terminal.hpp"
#include "text/printable.hpp"

#include <warmwire/client.hpp>

#include <boost/json/value.hpp>

#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace warmwire::cli {
namespace {

struct chat_command {
  client_options client;
  std::string model;
  std::string system;
  std::optional<double> temperature;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::chrono::milliseconds> timeout;
  std::string conversation_file;
  bool allow_any_file = false;
  std::string ca_file;
  std::optional<std::string> prompt;
  bool responses = false;
  bool no_stream = false;
  bool verbose = false;
  bool json = false;
};

void declare_options(CLI::App& usage, chat_command& what) {
  usage.add_option("PROMPT", what.prompt, "The question; - reads it from standard input");
  usage
      .add_option("--conversation", what.conversation_file, "What was said before the question, and options; see below")
      ->type_name("FILE");
  usage.add_flag("--allow-any-file", what.allow_any_file,
                 "Let the conversation name images that are not below its own folder");
  usage
      .add_option("--provider", what.client.provider,
                  "openai, anthropic, google, azure, groq, mistral, deepseek, openrouter, ollama, vllm, llama.cpp, "
                  "gemini-compat, or any name of a server that is compatible with OpenAI's, with --base-url")
      ->capture_default_str();
  usage.add_option("--model", what.model,
                   "Model to ask; default the provider's. anthropic/claude-... chooses the provider, too");
  usage.add_option("--base-url", what.client.base_url, "Such as https://localhost:8443/v1; default the provider's own");
  usage.add_flag("--responses", what.responses, "Ask OpenAI by its Responses instead of its Chat Completions");
  usage.add_option("--system", what.system, "Instructions that go before the conversation");
  usage.add_option("--temperature", what.temperature, "0 to 2, with Anthropic to 1; default the provider's");
  usage.add_option("--max-tokens", what.max_tokens, "Longest answer, in tokens; default the provider's");
  usage.add_option("--max-retries", what.client.max_retries, "Tries after the first that failed")
      ->check(CLI::Range(0U, 100U))
      ->capture_default_str();
  add_duration(usage,
               {.flag = "--timeout",
                .help = "Longest wait for the answer, such as 30s; default 10m",
                .at_least = std::chrono::milliseconds(1)},
               what.timeout);
  usage.add_option("--ca-file", what.ca_file, "PEM file of the authorities to trust instead of the system's");
  usage.add_flag("--no-stream", what.no_stream, "Print the answer when it is complete, not as it comes");
  usage.add_flag("--verbose", what.verbose,
                 "Tell on standard error what the answer cost, how often it was tried, and which connection it took");
  usage.add_flag("--json", what.json, "Print one JSON object: the answer or the error, with all that is known of it");
  usage.footer(
      std::string(conversation_help) +
      "\nKeys are read from the provider's variable: OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY (or\n"
      "GEMINI_API_KEY), AZURE_OPENAI_API_KEY, GROQ_API_KEY, and so on for each name. Also read: its _BASE_URL\n"
      "and _CUSTOM_HEADERS, OPENAI_ORG_ID, OPENAI_PROJECT_ID, DEBUG_CONNECTIONS, SSL_CERT_FILE, SSL_CERT_DIR.");
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
  if (!what.conversation_file.empty()) {
    out = read_conversation(what.conversation_file,
                            what.allow_any_file ? image_access::any_file : image_access::below_folder);
  }
  if (!what.model.empty()) out.model = what.model;
  if (!what.system.empty()) out.messages.insert(out.messages.begin(), {role::system, what.system});
  if (what.prompt) out.messages.push_back({role::user, read_prompt(*what.prompt)});
  if (what.temperature) out.temperature = what.temperature;
  if (what.max_tokens) out.max_tokens = what.max_tokens;
  out.timeout = what.timeout;
  return out;
}

/// The options are those of the provider that is asked, also where the model's name chooses it.
client client_for(const chat_command& what, const std::string& provider) {
  transport_options options{.on_warning = print_warning};
  if (!what.ca_file.empty()) options.defaults.tls = tls_options{.ca_file = what.ca_file};
  auto whom = what.client;
  whom.provider = provider;
  if (what.responses) whom.api = openai_api::responses;
  return client(std::move(whom), std::make_shared<blocking_transport>(std::move(options)));
}

int report(const error& reason, const chat_command& what, const std::string& variable) {
  if (what.json) std::cout << json_text(error_json(reason)) << '\n';
  std::cerr << "warmwire: " << reason.to_string() << '\n';
  if (const auto what_to_do = advice(reason, variable); !what_to_do.empty()) std::cerr << what_to_do << '\n';
  return is_wrong_usage(reason.code) ? exit_usage : exit_failure;
}

/// Prints the text as it comes, and the line's end if there was any.
result<chat_reply> print_streamed(client& chats, chat_request asked) {
  auto stream = chats.stream(std::move(asked));
  bool is_begun = false;
  for (const auto& event : stream) {
    const auto* text = std::get_if<text_delta>(&event);
    if (text == nullptr) continue;
    is_begun = true;
    std::cout << for_output(text->text) << std::flush;
  }
  if (is_begun) std::cout << '\n' << std::flush;
  return stream.reply();
}

result<chat_reply> print_whole(client& chats, chat_request asked, const chat_command& what) {
  auto reply = chats.chat(std::move(asked));
  if (!reply) return reply;
  if (what.json) {
    std::cout << json_text(reply_json(*reply)) << '\n';
  } else if (!reply->content.empty()) {
    std::cout << for_output(reply->content) << '\n';
  }
  return reply;
}

int run(const chat_command& what) {
  if (!what.prompt && what.conversation_file.empty()) {
    throw usage_error("nothing to ask: give a PROMPT, or --conversation FILE, or both");
  }
  auto asked = request_of(what);
  const auto provider = provider_of(what.client.provider, asked.model);
  const auto variable = key_variable(provider);
  auto chats = client_for(what, provider);
  const bool is_whole = what.no_stream || what.json;
  const auto reply = is_whole ? print_whole(chats, std::move(asked), what) : print_streamed(chats, std::move(asked));
  if (!reply) return report(reply.error(), what, variable);
  if (!what.json) print_calls(*reply);
  if (what.verbose) print_details(*reply);
  const auto end = told_end(*reply);
  if (!end.empty()) std::cerr << "warmwire: " << text::for_terminal(end) << '\n';
  return has_answer(*reply) && reply->refusal.empty() ? exit_success : exit_failure;
}

}  // namespace

command declare_chat(CLI::App& program) {
  auto* usage = program.add_subcommand("chat", "Ask a model of any provider");
  auto what = std::make_shared<chat_command>();
  declare_options(*usage, *what);
  return {usage, [what] { return run(*what); }};
}

}  // namespace warmwire::cli

// Sends one call as our adapters encode it: `our_calls API CASE`, with the key and the base URL from the environment.
// same_requests.test.mjs makes the same call with the provider's own SDK and compares what came.
#include "providers/calls.hpp"

#include <warmwire/blocking_transport.hpp>

#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire {
namespace {

using providers::delivery;
using providers::provider_config;

constexpr auto weather = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

struct named_api {
  std::string provider;
  openai_api api = openai_api::chat_completions;
  std::string model;
  std::string embedding_model;
};

const std::map<std::string, named_api, std::less<>> apis{
    {"chat", {"openai", openai_api::chat_completions, "gpt-4o-mini", "text-embedding-3-small"}},
    {"responses", {"openai", openai_api::responses, "gpt-4o-mini", {}}},
    {"anthropic", {"anthropic", openai_api::chat_completions, "claude-haiku-4-5", {}}},
    {"google", {"google", openai_api::chat_completions, "gemini-2.5-flash", "gemini-embedding-001"}}};

chat_request hello(const named_api& to) {
  chat_request asked;
  asked.model = to.model;
  asked.messages.push_back({.role = role::user, .content = "Hello there"});
  if (to.provider == "anthropic") asked.max_tokens = 256;
  return asked;
}

chat_request with_options(const named_api& to) {
  chat_request asked = hello(to);
  asked.messages.insert(asked.messages.begin(), {.role = role::system, .content = "Be brief."});
  asked.temperature = 0.25;
  asked.top_p = 0.5;
  asked.max_tokens = 64;
  if (to.api == openai_api::responses) return asked;
  asked.stop = {"END", "STOP"};
  if (to.provider != "anthropic") asked.seed = 7;
  return asked;
}

chat_request with_tools(const named_api& to) {
  chat_request asked = hello(to);
  asked.tools.push_back({.name = "get_weather", .description = "The weather.", .parameters = weather});
  asked.tool_choice = tool_choice{.mode = tool_choice::kind::named, .name = "get_weather"};
  return asked;
}

chat_request with_result(const named_api& to) {
  chat_request asked = with_tools(to);
  asked.tool_choice.reset();
  const tool_call call{.id = "call_1", .name = "get_weather", .arguments = R"({"city":"Oslo"})"};
  asked.messages.push_back({.role = role::assistant, .parts = {call}});
  asked.messages.push_back(tool_answer(call, "21 degrees"));
  return asked;
}

chat_request with_image(const named_api& to) {
  chat_request asked = hello(to);
  asked.messages[0].parts.push_back(image_part{.bytes = "not a picture", .media_type = "image/png"});
  return asked;
}

chat_request with_schema(const named_api& to) {
  chat_request asked = hello(to);
  asked.output = json_output{.schema = weather, .name = "weather"};
  return asked;
}

chat_request with_effort(const named_api& to) {
  chat_request asked = hello(to);
  if (to.provider == "anthropic") asked.max_tokens = 2048;
  asked.reasoning_effort = reasoning_effort::low;
  return asked;
}

// Of a model that decides for itself how long it thinks.
chat_request with_adaptive_effort(const named_api& to) {
  chat_request asked = with_effort(to);
  asked.model = "claude-sonnet-4-6";
  return asked;
}

const std::map<std::string, chat_request (*)(const named_api&), std::less<>> chats{
    {"hello", &hello},        {"stream", &hello},       {"options", &with_options},
    {"tools", &with_tools},   {"result", &with_result}, {"image", &with_image},
    {"schema", &with_schema}, {"effort", &with_effort}, {"adaptive_effort", &with_adaptive_effort}};

result<request> encoded(const provider_config& config, const named_api& to, const std::string& what) {
  if (what == "models") return providers::encode_models(config, {});
  if (what == "count") return providers::encode_count(config, hello(to));
  if (what == "embed" || what == "embed_two") {
    embed_request asked{.model = to.embedding_model, .input = {"Hello there"}, .dimensions = 8};
    if (what == "embed_two") asked.input.emplace_back("Hello");
    return providers::encode_embed(config, asked);
  }
  const auto how = what == "stream" ? delivery::streamed : delivery::whole;
  return providers::encode_chat(config, chats.at(what)(to), how);
}

result<response> send(const std::string& api, const std::string& what) {
  const named_api& to = apis.at(api);
  provider_options options;
  options.provider = to.provider;
  options.api = to.api;
  const auto config =
      providers::make_provider_config(options, [](const char* name) -> const char* { return std::getenv(name); });
  if (!config) return config.error();
  auto message = encoded(*config, to, what);
  if (!message) return message.error();
  blocking_transport transport;
  return transport.send(std::move(*message));
}

}  // namespace
}  // namespace warmwire

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    const auto answer = warmwire::send(arguments[1], arguments[2]);
    if (!answer) {
      std::cerr << answer.error().message << '\n';
      return 1;
    }
    std::cout << answer->status << '\n' << answer->body << '\n';
    return answer->status == 200 ? 0 : 1;
  } catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}

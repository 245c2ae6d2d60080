// "Hello" in two tokens, as each provider streams it.
#pragma once

#include <warmwire/client_options.hpp>

#include <string>
#include <vector>

namespace warmwire::test {

struct provider_stream {
  std::string id;
  openai_api api = openai_api::chat_completions;
  std::string path;  ///< a part of the request's target
  std::string body;
};

/// `chat_completions` is the stream of those that speak OpenAI's.
[[nodiscard]] inline std::vector<provider_stream> provider_streams(const std::string& chat_completions) {
  const auto event = [](const std::string& name, const std::string& rest) {
    return std::string("event: ")
        .append(name)
        .append("\ndata: {\"type\":\"")
        .append(name)
        .append("\"")
        .append(rest)
        .append("}\n\n");
  };
  std::vector<provider_stream> out{
      {"openai", openai_api::responses, "/v1/responses",
       event("response.output_text.delta", R"(,"output_index":0,"delta":"Hel")") +
           event("response.output_text.delta", R"(,"output_index":0,"delta":"lo")") +
           event("response.completed", R"(,"response":{"id":"r","status":"completed","usage":{"output_tokens":2}})")},
      {"anthropic",
       {},
       "/v1/messages",
       event("message_start", R"(,"message":{"id":"m","usage":{"input_tokens":3}})") + event("ping", "") +
           event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
           event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"Hello"})") +
           event("content_block_stop", R"(,"index":0)") +
           event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2})") +
           event("message_stop", "")},
      {"google",
       {},
       "/v1beta/models/",
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hel\"}]}}]}\r\n\r\n"
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"lo\"}]},\"finishReason\":\"STOP\"}],"
       "\"usageMetadata\":{\"candidatesTokenCount\":2}}\r\n\r\n"},
  };
  for (const auto* id : {"openai", "azure", "groq", "mistral", "deepseek", "openrouter", "ollama", "vllm", "llama.cpp",
                         "gemini-compat", "my-own-server"}) {
    out.push_back({id, openai_api::chat_completions, "/chat/completions", chat_completions});
  }
  return out;
}

}  // namespace warmwire::test

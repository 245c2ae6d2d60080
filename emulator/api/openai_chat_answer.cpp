// The emulator's answer to a chat completion request, whole.
#include "emulator/api/openai_chat_answer.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/openai_format.hpp"

#include <utility>

namespace warmwire::emulator {
namespace {

json::array tool_calls(const reply& said, std::uint64_t number) {
  json::array calls;
  for (const reply::call& each : said.calls) {
    json::object function{{"name", text_value(each.called->name)}, {"arguments", text_value(arguments_text(each))}};
    calls.push_back(json::object{
        {"id", item_id("call_", number, calls.size())}, {"type", "function"}, {"function", std::move(function)}});
  }
  return calls;
}

json::object message_json(const reply& said, const server_kind& as, std::uint64_t number) {
  const bool is_refusal = said.end == reply::ending::refusal;
  const json::value text = text_value(said.text);
  json::object message{{"role", "assistant"},
                       {"content", is_refusal || !said.calls.empty() ? json::value(nullptr) : text},
                       {"refusal", is_refusal ? text : json::value(nullptr)},
                       {"annotations", json::array()}};
  if (!said.thought.empty() && !as.reasoning_field.empty())
    message[key_of(as.reasoning_field)] = text_value(said.thought);
  if (!said.calls.empty()) message["tool_calls"] = tool_calls(said, number);
  return message;
}

void add_own_choice_fields(json::object& choice, const server_kind& as, std::string_view finish) {
  if (as.name == "vllm") choice["stop_reason"] = nullptr;
  if (as.name == "openrouter") choice["native_finish_reason"] = text_value(finish);
  if (as.name == "azure")
    choice["content_filter_results"] = json::object{{"hate", {{"filtered", false}, {"severity", "safe"}}}};
}

void add_own_fields(json::object& completion, const chat_input& input, const reply& said, const server_kind& as,
                    std::uint64_t number) {
  if (as.name == "groq") completion["x_groq"] = json::object{{"id", request_id(number)}};
  if (as.name == "openrouter") completion["provider"] = "Emulator";
  if (as.name == "llamacpp") {
    completion["timings"] = json::object{{"prompt_n", input.asked.prompt_tokens}, {"predicted_n", said.tokens()}};
  }
  if (as.name == "azure") completion["prompt_filter_results"] = json::array{json::object{{"prompt_index", 0}}};
}

}  // namespace

json::object completion_json(const chat_input& input, const server_kind& as, std::uint64_t number) {
  const reply said = reply_to(input.asked);
  json::array choices;
  for (std::uint64_t index = 0; index < input.asked.choices; ++index) {
    json::object choice{{"index", index},
                        {"message", message_json(said, as, number)},
                        {"logprobs", nullptr},
                        {"finish_reason", text_value(chat_finish(said))}};
    add_own_choice_fields(choice, as, chat_finish(said));
    choices.push_back(std::move(choice));
  }
  json::object completion{{"id", "chatcmpl-" + padded(number, 29)},
                          {"object", "chat.completion"},
                          {"created", created_at},
                          {"model", text_value(input.asked.model)},
                          {"choices", std::move(choices)},
                          {"usage", chat_usage(input.asked, said, as)},
                          {"service_tier", "default"},
                          {"system_fingerprint", "fp_warmwire"}};
  add_own_fields(completion, input, said, as, number);
  return completion;
}

}  // namespace warmwire::emulator

// The part of OpenAI's API that the emulator speaks.
#include "emulator/api/openai_api.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/openai_chat_answer.hpp"
#include "emulator/api/openai_chat_input.hpp"
#include "emulator/api/openai_embeddings.hpp"
#include "emulator/api/openai_format.hpp"
#include "emulator/api/openai_responses.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace warmwire::emulator {
namespace {

constexpr std::array<std::string_view, 8> openai_models{"gpt-4.1",
                                                        "gpt-4.1-mini",
                                                        "gpt-4o",
                                                        "gpt-4o-mini",
                                                        "o4-mini",
                                                        "gpt-5-mini",
                                                        "text-embedding-3-small",
                                                        "text-embedding-3-large"};

class openai_call {
 public:
  openai_call(const asked& question, const api_call& call) : question_(question), call_(call), server_(*call.server) {}

  [[nodiscard]] answer run() const;

 private:
  [[nodiscard]] answer chat() const;
  [[nodiscard]] answer responses() const;
  [[nodiscard]] answer embeddings() const;
  [[nodiscard]] answer list_models() const;
  [[nodiscard]] answer one_model() const;

  [[nodiscard]] answer refuse(api_error error) const;
  [[nodiscard]] answer refuse_model(std::string_view model) const;
  [[nodiscard]] answer whole(std::string body) const;
  [[nodiscard]] answer streamed(event_stream stream) const;

  const asked& question_;
  const api_call& call_;
  const server_kind& server_;
};

answer openai_call::run() const {
  switch (*call_.operation) {
    case api_operation::chat:
      return chat();
    case api_operation::responses:
      return responses();
    case api_operation::embeddings:
      return embeddings();
    case api_operation::models:
      return list_models();
    default:
      return one_model();
  }
}

answer openai_call::refuse(api_error error) const {
  // What is wrong with the form of a request has a status of its own there.
  if (server_.name == "mistral" && error.status == 400) error.status = 422;
  return error_answer(error, server_, question_.number);
}

answer openai_call::refuse_model(std::string_view model) const {
  std::string message = "The model '";
  message.append(model).append("' does not exist, or this key has no access to it.");
  return error_answer({.status = 404, .message = std::move(message), .code = "model_not_found"}, server_,
                      question_.number);
}

answer openai_call::whole(std::string body) const {
  answer said;
  append_field(said.fields, "Content-Type", "application/json");
  // What the server sends while the request waits for its turn.
  if (server_.pads_bodies) said.body = "\n\n";
  said.body += body;
  return said;
}

answer openai_call::streamed(event_stream stream) const {
  answer said;
  append_field(said.fields, "Content-Type", "text/event-stream; charset=utf-8");
  append_field(said.fields, "Cache-Control", "no-cache");
  said.framing = fault::body_framing::chunked;
  if (!server_.queued.empty()) {
    const stream_event waiting{
        .data = std::string(server_.queued), .what = stream_event::part::noise, .written = stream_event::form::comment};
    stream.events.insert(stream.events.begin(), 2, waiting);
  }
  said.stream = std::move(stream);
  return said;
}

answer openai_call::chat() const {
  auto read = read_chat(question_.what.body, call_);
  if (auto* error = std::get_if<api_error>(&read)) return refuse(std::move(*error));
  const auto& input = std::get<chat_input>(read);
  if (input.asked.model == missing_model) return refuse_model(input.asked.model);
  answer said = input.asked.streams ? streamed(completion_stream(input, server_, question_.number))
                                    : whole(json::serialize(completion_json(input, server_, question_.number)) + "\n");
  const std::uint64_t completion = reply_to(input.asked).tokens() * input.asked.choices;
  append_rate_limits(said.fields, server_, input.asked.prompt_tokens + completion);
  said.unknown = input.asked.notes.places;
  return said;
}

answer openai_call::responses() const {
  auto read = read_responses(question_.what.body, call_);
  if (auto* error = std::get_if<api_error>(&read)) return refuse(std::move(*error));
  const auto& input = std::get<responses_input>(read);
  if (input.asked.model == missing_model) return refuse_model(input.asked.model);
  answer said = input.asked.streams ? streamed(response_stream(input, question_.number))
                                    : whole(json::serialize(response_json(input, question_.number)) + "\n");
  append_rate_limits(said.fields, server_, input.asked.prompt_tokens + reply_to(input.asked).tokens());
  said.unknown = input.asked.notes.places;
  return said;
}

answer openai_call::embeddings() const {
  auto read = read_embeddings(question_.what.body, call_);
  if (auto* error = std::get_if<api_error>(&read)) return refuse(std::move(*error));
  const auto& input = std::get<embeddings_input>(read);
  if (input.model == missing_model) return refuse_model(input.model);
  answer said = whole(embeddings_body(input));
  append_rate_limits(said.fields, server_, input.tokens);
  said.unknown = input.notes.places;
  return said;
}

json::object openai_model_json(std::string_view id) {
  return {{"id", text_value(id)}, {"object", "model"}, {"created", created_at}, {"owned_by", "warmwire"}};
}

answer openai_call::list_models() const {
  json::array list;
  for (const auto model : openai_models)
    list.push_back(openai_model_json(model));
  return whole(json::serialize(json::object{{"object", "list"}, {"data", std::move(list)}}) + "\n");
}

answer openai_call::one_model() const {
  if (call_.model == missing_model) return refuse_model(call_.model);
  return whole(json::serialize(openai_model_json(call_.model)) + "\n");
}

}  // namespace

answer answer_openai(const asked& question, const api_call& call) {
  return openai_call(question, call).run();
}

}  // namespace warmwire::emulator

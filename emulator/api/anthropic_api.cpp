// The part of Anthropic's API that the emulator speaks.
#include "emulator/api/anthropic_api.hpp"

#include "emulator/api/anthropic_answer.hpp"
#include "emulator/api/anthropic_input.hpp"
#include "emulator/api/anthropic_limits.hpp"
#include "emulator/api/api_error.hpp"
#include "emulator/api/model_page.hpp"
#include "emulator/api/openai_api.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace warmwire::emulator {
namespace {

struct anthropic_model {
  std::string_view id;
  std::string_view name;
};

constexpr std::array anthropic_models{anthropic_model{"claude-opus-4-5", "Claude Opus 4.5"},
                                      anthropic_model{"claude-sonnet-5-5", "Claude Sonnet 5.5"},
                                      anthropic_model{"claude-haiku-4-5", "Claude Haiku 4.5"}};

answer json_answer(const json::object& body) {
  answer said;
  append_field(said.fields, "Content-Type", "application/json");
  said.body = json::serialize(body) + "\n";
  return said;
}

class anthropic_call {
 public:
  anthropic_call(const asked& question, const api_call& call) : question_(question), call_(call) {}

  [[nodiscard]] answer run() const;

 private:
  [[nodiscard]] answer messages() const;
  [[nodiscard]] answer count() const;
  [[nodiscard]] answer list_models() const;
  [[nodiscard]] answer one_model() const;
  [[nodiscard]] answer refuse(const api_error& error) const {
    return error_answer(error, *call_.server, question_.number);
  }
  [[nodiscard]] answer refuse_model(std::string_view model) const {
    return refuse({.status = 404, .message = std::string("model: ").append(model)});
  }

  const asked& question_;
  const api_call& call_;
};

answer anthropic_call::run() const {
  if (question_.what.find("anthropic-version") == nullptr) {
    return refuse({.message = "anthropic-version: header is required"});
  }
  switch (*call_.operation) {
    case api_operation::messages:
      return messages();
    case api_operation::count_tokens:
      return count();
    case api_operation::models:
      return list_models();
    default:
      return one_model();
  }
}

answer anthropic_call::messages() const {
  const auto read = read_anthropic(question_.what.body, call_);
  if (const auto* error = std::get_if<api_error>(&read)) return refuse(*error);
  const auto& input = std::get<dialogue>(read);
  if (input.model == missing_model) return refuse_model(input.model);
  answer said;
  if (input.streams) {
    append_field(said.fields, "Content-Type", "text/event-stream; charset=utf-8");
    append_field(said.fields, "Cache-Control", "no-cache");
    said.framing = fault::body_framing::chunked;
    said.stream = message_stream(input, question_.number);
  } else {
    said = json_answer(message_json(input, question_.number));
  }
  append_anthropic_limits(said.fields, input.prompt_tokens, reply_to(input).tokens());
  said.unknown = input.notes.places;
  return said;
}

answer anthropic_call::count() const {
  const auto read = read_anthropic(question_.what.body, call_);
  if (const auto* error = std::get_if<api_error>(&read)) return refuse(*error);
  const auto& input = std::get<dialogue>(read);
  if (input.model == missing_model) return refuse_model(input.model);
  answer said = json_answer({{"input_tokens", input.prompt_tokens}});
  said.unknown = input.notes.places;
  return said;
}

json::object anthropic_model_json(std::string_view id, std::string_view name) {
  return {{"type", "model"},
          {"id", text_value(id)},
          {"display_name", text_value(name)},
          {"created_at", "2023-11-14T22:13:20Z"}};
}

// A page begins after the model that `after_id` names.
answer anthropic_call::list_models() const {
  const auto after = query_value(question_.what, "after_id");
  const auto last = std::find_if(anthropic_models.begin(), anthropic_models.end(),
                                 [after](const auto& each) { return each.id == after; });
  const std::size_t begin = after.empty() ? 0 : static_cast<std::size_t>(last - anthropic_models.begin()) + 1;
  const model_page page = page_of(anthropic_models.size(), begin, query_value(question_.what, "limit"));
  json::array data;
  for (std::size_t i = page.begin; i < page.end; ++i)
    data.push_back(anthropic_model_json(anthropic_models.at(i).id, anthropic_models.at(i).name));
  const auto id_at = [&data](std::size_t index) { return data.empty() ? json::value(nullptr) : data[index].at("id"); };
  const json::value first = id_at(0);
  const json::value final_id = id_at(data.empty() ? 0 : data.size() - 1);
  return json_answer({{"data", std::move(data)},
                      {"has_more", page.end < anthropic_models.size()},
                      {"first_id", first},
                      {"last_id", final_id}});
}

answer anthropic_call::one_model() const {
  if (call_.model == missing_model) return refuse_model(call_.model);
  const auto known = std::find_if(anthropic_models.begin(), anthropic_models.end(),
                                  [this](const auto& each) { return each.id == call_.model; });
  return json_answer(anthropic_model_json(call_.model, known == anthropic_models.end() ? call_.model : known->name));
}

}  // namespace

answer answer_anthropic(const asked& question, const api_call& call) {
  return anthropic_call(question, call).run();
}

}  // namespace warmwire::emulator

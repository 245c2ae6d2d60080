// The part of OpenAI's API that the emulator speaks.
#include "emulator/openai_api.hpp"

#include "emulator/chat_completion.hpp"
#include "emulator/chat_input.hpp"
#include "emulator/openai_error.hpp"

#include <boost/beast/core/string.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::string_view chat_path = "/v1/chat/completions";
constexpr std::string_view models_path = "/v1/models";
constexpr std::string_view missing_model = "no-such-model";
constexpr std::string_view wrong_key = "sk-wrong";
constexpr std::array<std::string_view, 5> models{"gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "o4-mini"};

// As the API does: enough to recognise one's key by, not enough to use it.
std::string mask(std::string_view key) {
  const bool is_long = key.size() >= 16;
  const std::size_t first = is_long ? 8 : 3;
  const std::size_t last = is_long ? 4 : 2;
  std::string masked(key);
  masked.replace(first, key.size() - first - last, key.size() - first - last, '*');
  return masked;
}

std::optional<openai_error> check_key(const request& what) {
  openai_error error{.status = 401, .code = "invalid_api_key"};
  const std::string* field = what.find("authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (field == nullptr || field->size() <= scheme.size() ||
      !boost::beast::iequals(std::string_view(*field).substr(0, scheme.size()), scheme)) {
    error.message = "No API key: send it in an Authorization header, as 'Authorization: Bearer KEY'.";
    return error;
  }
  const auto key = std::string_view(*field).substr(scheme.size());
  if (!key.starts_with(wrong_key)) return std::nullopt;
  error.message = "Incorrect API key provided: " + mask(key) + ".";
  return error;
}

openai_error model_not_found(std::string_view model) {
  return {.status = 404,
          .message = "The model '" + std::string(model) + "' does not exist, or this key has no access to it.",
          .code = "model_not_found"};
}

void append_model(std::string& out, std::string_view model) {
  out += R"({"id":)";
  append_json_string(out, model);
  out += R"(,"object":"model","created":1700000000,"owned_by":"warmwire"})";
}

answer json_answer(std::string body) {
  answer said;
  append_field(said.fields, "Content-Type", "application/json");
  said.body = std::move(body);
  return said;
}

answer answer_models(const request& what) {
  const auto path = what.path();
  std::string body;
  if (path == models_path) {
    body = R"({"object":"list","data":[)";
    for (const auto model : models) {
      if (body.back() != '[') body += ',';
      append_model(body, model);
    }
    return json_answer(body += "]}\n");
  }
  const auto model = path.substr(models_path.size() + 1);
  if (model == missing_model) return error_answer(model_not_found(model));
  append_model(body, model);
  return json_answer(body += "\n");
}

answer answer_chat(const asked& question) {
  const auto read = read_chat(question.what.body);
  if (const auto* error = std::get_if<openai_error>(&read)) return error_answer(*error);
  const auto& input = std::get<chat_input>(read);
  if (input.model == missing_model) return error_answer(model_not_found(input.model));
  const completion made = complete(input);
  answer said = json_answer(completion_body(input, made, question.number));
  append_rate_limits(said.fields, input.prompt_tokens + made.tokens);
  return said;
}

answer route(const asked& question) {
  const auto path = question.what.path();
  const std::string& method = question.what.method;
  const bool is_chat = path == chat_path;
  const bool is_models = path == models_path || (path.starts_with(models_path) && path[models_path.size()] == '/');
  if (!is_chat && !is_models) {
    return error_answer({.status = 404,
                         .message = "Unknown request URL: " + method + " " + question.what.target + ".",
                         .code = "unknown_url"});
  }
  const bool is_allowed = is_chat ? method == "POST" : method == "GET" || method == "HEAD";
  if (!is_allowed) {
    answer said = error_answer({.status = 405,
                                .message = "Not allowed to " + method + " on " + std::string(path) + ".",
                                .code = "method_not_supported"});
    append_field(said.fields, "Allow", is_chat ? "POST" : "GET, HEAD");
    return said;
  }
  if (auto wrong = check_key(question.what)) return error_answer(*wrong);
  return is_chat ? answer_chat(question) : answer_models(question.what);
}

}  // namespace

answer answer_openai(const asked& question) {
  answer said = route(question);
  const auto milliseconds = std::chrono::round<std::chrono::milliseconds>(question.latency).count();
  append_field(said.fields, "openai-organization", "warmwire-emulator");
  append_field(said.fields, "openai-processing-ms", std::to_string(milliseconds));
  append_field(said.fields, "openai-version", "2020-10-01");
  append_field(said.fields, "x-request-id", request_id(question.number));
  return said;
}

}  // namespace warmwire::emulator

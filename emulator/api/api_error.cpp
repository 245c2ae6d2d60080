// Errors as each server writes them.
#include "emulator/api/api_error.hpp"

#include "emulator/duration.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace warmwire::emulator {
namespace {

// The words of a status, in each family and in the servers that have their own.
struct status_words {
  unsigned status;
  std::string_view openai;
  std::string_view openai_code;
  std::string_view anthropic;
  std::string_view google;
  std::string_view vllm;
};

constexpr std::array known{
    status_words{400, "invalid_request_error", "", "invalid_request_error", "INVALID_ARGUMENT", "BadRequestError"},
    status_words{401, "invalid_request_error", "invalid_api_key", "authentication_error", "UNAUTHENTICATED",
                 "AuthenticationError"},
    status_words{402, "insufficient_quota", "insufficient_quota", "billing_error", "FAILED_PRECONDITION",
                 "PaymentRequired"},
    status_words{403, "invalid_request_error", "permission_denied", "permission_error", "PERMISSION_DENIED",
                 "PermissionDeniedError"},
    status_words{404, "invalid_request_error", "not_found", "not_found_error", "NOT_FOUND", "NotFoundError"},
    status_words{409, "invalid_request_error", "conflict", "invalid_request_error", "ABORTED", "ConflictError"},
    status_words{413, "invalid_request_error", "request_too_large", "request_too_large", "INVALID_ARGUMENT",
                 "RequestEntityTooLarge"},
    status_words{422, "invalid_request_error", "unprocessable_entity", "invalid_request_error", "INVALID_ARGUMENT",
                 "UnprocessableEntityError"},
    status_words{429, "requests", "rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED", "RateLimitError"},
    status_words{500, "server_error", "", "api_error", "INTERNAL", "InternalServerError"},
    status_words{503, "server_error", "overloaded", "api_error", "UNAVAILABLE", "ServiceUnavailable"},
    status_words{504, "server_error", "", "timeout_error", "DEADLINE_EXCEEDED", "GatewayTimeout"},
    status_words{529, "server_error", "", "overloaded_error", "UNAVAILABLE", "ServiceUnavailable"}};

const status_words& words_of_status(unsigned status) {
  const auto exact = std::find_if(known.begin(), known.end(), [=](const auto& each) { return each.status == status; });
  if (exact != known.end()) return *exact;
  return *std::find_if(known.begin(), known.end(),
                       [=](const auto& each) { return each.status == (status >= 500 ? 500U : 400U); });
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text_value(text));
}

// The code that always goes with a status stands where none is given.
json::value code_of(const api_error& error) {
  if (!error.code.empty()) return text_value(error.code);
  return words_of_status(error.status).status == error.status ? text_or_null(words_of_status(error.status).openai_code)
                                                              : nullptr;
}

std::string_view type_or(const api_error& error, std::string_view otherwise) {
  return error.type.empty() ? otherwise : std::string_view(error.type);
}

json::value openai_error(const api_error& error) {
  const auto type = type_or(error, words_of_status(error.status).openai);
  return json::object{{"error",
                       {{"message", text_value(error.message)},
                        {"type", text_value(type)},
                        {"param", text_or_null(error.param)},
                        {"code", code_of(error)}}}};
}

json::value azure_error(const api_error& error) {
  const bool is_gateway = error.status == 401 || error.status == 404 || error.status == 429;
  if (!is_gateway) return openai_error(error);
  const std::string code = error.status == 404 ? "DeploymentNotFound" : std::to_string(error.status);
  return json::object{{"error", {{"code", code}, {"message", text_value(error.message)}}}};
}

json::value mistral_error(const api_error& error) {
  if (error.status == 422) {
    json::array where{"body"};
    if (!error.param.empty()) where.push_back(text_value(error.param));
    const std::string_view type = error.code == "missing_required_parameter" ? "missing" : "value_error";
    json::object detail{{"type", text_value(type)}, {"loc", where}, {"msg", text_value(error.message)}};
    return json::object{{"detail", json::array{detail}}};
  }
  return json::object{{"object", "error"},
                      {"message", text_value(error.message)},
                      {"type", text_value(type_or(error, words_of_status(error.status).openai))},
                      {"param", text_or_null(error.param)},
                      {"code", code_of(error)}};
}

json::value openrouter_error(const api_error& error) {
  json::object metadata{{"provider_name", "Emulator"}};
  if (!error.code.empty()) metadata["raw"] = text_value(error.code);
  return json::object{
      {"error", {{"code", error.status}, {"message", text_value(error.message)}, {"metadata", metadata}}},
      {"user_id", "user_emulator"}};
}

json::value vllm_error(const api_error& error) {
  return json::object{{"object", "error"},
                      {"message", text_value(error.message)},
                      {"type", text_value(words_of_status(error.status).vllm)},
                      {"param", text_or_null(error.param)},
                      {"code", error.status}};
}

json::value llamacpp_error(const api_error& error) {
  const auto type = error.status == 503 ? "unavailable_error" : words_of_status(error.status).anthropic;
  return json::object{
      {"error", {{"code", error.status}, {"message", text_value(error.message)}, {"type", text_value(type)}}}};
}

json::value ollama_error(const api_error& error) {
  const auto type = words_of_status(error.status).anthropic;
  return json::object{
      {"error",
       {{"message", text_value(error.message)}, {"type", text_value(type)}, {"param", nullptr}, {"code", nullptr}}}};
}

json::object google_detail(std::string_view type) {
  return {{"@type", std::string("type.googleapis.com/google.rpc.").append(type)}};
}

// "34s", "0.25s"
std::string google_duration(std::chrono::microseconds value) {
  const auto micros = static_cast<std::uint64_t>(value.count());
  std::string text = std::to_string(micros / 1'000'000);
  std::string fraction = padded(micros % 1'000'000, 6);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text.append(".").append(fraction);
  return text.append("s");
}

json::array google_details(const api_error& error) {
  json::array details;
  if (error.code == "API_KEY_INVALID") {
    json::object info = google_detail("ErrorInfo");
    info["reason"] = "API_KEY_INVALID";
    info["domain"] = "googleapis.com";
    details.push_back(info);
  } else if (!error.param.empty()) {
    json::object wrong = google_detail("BadRequest");
    json::object violation{{"field", text_value(error.param)}, {"description", text_value(error.message)}};
    wrong["fieldViolations"] = json::array{violation};
    details.push_back(wrong);
  }
  if (error.status == 429) {
    json::object quota = google_detail("QuotaFailure");
    json::object violation{{"quotaId", "GenerateRequestsPerMinutePerProject"}, {"quotaValue", "10000"}};
    quota["violations"] = json::array{violation};
    details.push_back(quota);
  }
  if (error.retry_after) {
    json::object retry = google_detail("RetryInfo");
    retry["retryDelay"] = google_duration(*error.retry_after);
    details.push_back(retry);
  }
  return details;
}

json::value google_error(const api_error& error) {
  // Its words are in capitals; others come from the checks that the imitations of OpenAI share.
  const bool has_word = !error.code.empty() && std::isupper(static_cast<unsigned char>(error.code.front())) != 0 &&
                        error.code != "API_KEY_INVALID";
  const auto word = has_word ? std::string_view(error.code) : words_of_status(error.status).google;
  json::object inner{{"code", error.status}, {"message", text_value(error.message)}, {"status", text_value(word)}};
  json::array details = google_details(error);
  if (!details.empty()) inner["details"] = std::move(details);
  return json::object{{"error", inner}};
}

json::value anthropic_error(const api_error& error, std::uint64_t number) {
  const auto type = type_or(error, words_of_status(error.status).anthropic);
  return json::object{{"type", "error"},
                      {"error", {{"type", text_value(type)}, {"message", text_value(error.message)}}},
                      {"request_id", request_id(number)}};
}

}  // namespace

json::value error_json(const api_error& error, const server_kind& as, std::uint64_t number) {
  switch (as.errors) {
    case error_shape::openai:
      return openai_error(error);
    case error_shape::azure:
      return azure_error(error);
    case error_shape::mistral:
      return mistral_error(error);
    case error_shape::openrouter:
      return openrouter_error(error);
    case error_shape::vllm:
      return vllm_error(error);
    case error_shape::llamacpp:
      return llamacpp_error(error);
    case error_shape::ollama:
      return ollama_error(error);
    case error_shape::google:
      return google_error(error);
    case error_shape::google_list: {
      json::array list;
      list.push_back(google_error(error));
      return list;
    }
    case error_shape::anthropic:
      return anthropic_error(error, number);
  }
  return openai_error(error);
}

answer error_answer(const api_error& error, const server_kind& as, std::uint64_t number) {
  answer said{.status = error.status};
  append_field(said.fields, "Content-Type", "application/json");
  said.body = json::serialize(error_json(error, as, number)) + "\n";
  return said;
}

answer error_answer(const api_error& error) {
  return error_answer(error, *find_server("openai"), 0);
}

api_error error_for_status(unsigned status, std::string_view word) {
  api_error error{.status = status, .message = "The emulator was told to answer " + std::to_string(status) + "."};
  // Anthropic's words are types, OpenAI's codes, and one of them is both.
  const bool is_type = word.ends_with("_error");
  if (is_type || word == "insufficient_quota") error.type = word;
  if (!is_type) error.code = word;
  return error;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      ((out += "\\u00") += digits[byte >> 4U]) += digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string request_id(std::uint64_t number) {
  return "req_" + padded(number, 32);
}

std::string padded(std::uint64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace warmwire::emulator

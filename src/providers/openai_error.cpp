#include "providers/openai_error.hpp"

#include "providers/printable.hpp"
#include "providers/retry_after.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

constexpr std::size_t max_message_bytes = 1000;
constexpr std::size_t max_excerpt_bytes = 200;
constexpr std::size_t max_word_bytes = 100;

errc code_for(int status) {
  switch (status) {
    case 401:
      return errc::authentication;
    case 402:
      return errc::billing;
    case 403:
      return errc::permission_denied;
    case 404:
      return errc::not_found;
    case 409:
      return errc::conflict;
    case 413:
      return errc::request_rejected_size;
    case 422:
      return errc::unprocessable_entity;
    case 429:
      return errc::rate_limited;
    case 503:
      return errc::service_unavailable;
    case 504:
      return errc::gateway_timeout;
    case 529:
      return errc::overloaded;
    default:
      break;
  }
  if (status >= 400 && status < 500) return errc::bad_request;
  if (status >= 500 && status < 600) return errc::server_error;
  return errc::unexpected_status;
}

// Everything but the code and the words.
error error_from(const openai_config& config, const response& answer) {
  error out;
  out.phase = phase::body;
  out.http_status = answer.status;
  out.request_id = printable(config.redact(std::string(answer.headers.get("x-request-id"))), max_word_bytes);
  out.retry_after = retry_after(answer.headers);
  out.body_bytes = answer.body.size();
  return out;
}

struct provider_words {
  std::string message;
  std::string type;
  std::string code;
};

provider_words words_of(const json::object& from) {
  provider_words out{text_of(from, "message"), text_of(from, "type"), text_of(from, "code")};
  if (out.type.empty()) out.type = text_of(from, "status");  // Google's compatible endpoint
  return out;
}

// FastAPI's list of what is wrong with a request, as Mistral sends it: the first entry says enough.
std::string first_detail(const json::value& detail) {
  if (const auto* text = detail.if_string()) return std::string(*text);
  const auto* list = detail.if_array();
  if (list == nullptr || list->empty() || !list->front().is_object()) return {};
  const auto& first = list->front().get_object();
  auto out = text_of(first, "msg");
  if (const auto* place = first.if_contains("loc")) out += " at " + json::serialize(*place);
  return out;
}

// The shapes in which servers of this API say what went wrong.
std::optional<provider_words> find_words(const json::value& body) {
  if (const auto* list = body.if_array(); list != nullptr && list->size() == 1) return find_words(list->front());
  const auto* root = body.if_object();
  if (root == nullptr) return std::nullopt;
  if (const auto* inner = root->if_contains("error")) {
    if (const auto* object = inner->if_object()) return words_of(*object);
    if (const auto* text = inner->if_string()) return provider_words{std::string(*text), {}, {}};
  }
  if (const auto* detail = root->if_contains("detail")) return provider_words{first_detail(*detail), {}, {}};
  if (root->contains("message")) return words_of(*root);
  return std::nullopt;
}

void take_words(error& out, const openai_config& config, provider_words words) {
  out.message = printable(config.redact(std::move(words.message)), max_message_bytes);
  out.provider_type = printable(config.redact(std::move(words.type)), max_word_bytes);
  out.provider_code = printable(config.redact(std::move(words.code)), max_word_bytes);
}

std::string excerpt(const openai_config& config, std::string_view body) {
  return '"' + printable(config.redact(text_of_page(body)), max_excerpt_bytes) + '"';
}

std::string described(const openai_config& config, const response& answer, std::string_view kind) {
  const auto status = "status " + std::to_string(answer.status);
  if (answer.body.empty()) return status + " with an empty body";
  return status + " with a body that is " + std::string(kind) + ": " + excerpt(config, answer.body);
}

}  // namespace

std::string text_of(const json::object& from, const char* field) {
  const auto* value = from.if_contains(field);
  if (value == nullptr || value->is_null() || value->is_structured()) return {};
  if (const auto* text = value->if_string()) return std::string(*text);
  return json::serialize(*value);
}

error decode_error(const openai_config& config, const response& answer) {
  auto out = error_from(config, answer);
  out.code = code_for(answer.status);
  json::error_code problem;
  const auto body = json::parse(answer.body, problem);
  if (problem) {
    out.message = described(config, answer, "not JSON");
    return out;
  }
  if (auto words = find_words(body)) take_words(out, config, std::move(*words));
  if (out.message.empty()) out.message = described(config, answer, "no error of the API's kind");
  return out;
}

error decode_error_in_success(const openai_config& config, const response& answer, const json::object& body) {
  auto out = error_from(config, answer);
  auto words = find_words(body).value_or(provider_words{});
  int status = 0;
  std::from_chars(words.code.data(), words.code.data() + words.code.size(), status);
  out.code = status >= 400 && status < 600 ? code_for(status) : errc::server_error;
  take_words(out, config, std::move(words));
  if (out.message.empty()) out.message = described(config, answer, "an error without a message");
  return out;
}

error unexpected_body(const openai_config& config, const response& answer, std::string what) {
  auto out = error_from(config, answer);
  out.code = errc::unexpected_body;
  out.message = std::move(what);
  if (answer.body.empty()) {
    out.message += ": it is empty";
  } else {
    out.message += ": " + excerpt(config, answer.body);
  }
  return out;
}

}  // namespace warmwire::providers

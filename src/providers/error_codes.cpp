#include "providers/error_codes.hpp"

#include "http/ascii.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace warmwire::providers {
namespace {

struct named_code {
  std::string_view name;
  errc code;
};

// Compared without regard to case and to what is neither letter nor digit: servers write InternalServerError,
// "Internal Server Error" and internal_server_error.
constexpr std::array names{
    // OpenAI and Anthropic
    named_code{"invalid_request_error", errc::bad_request},
    named_code{"context_length_exceeded", errc::bad_request},
    named_code{"content_policy_violation", errc::bad_request},
    named_code{"invalid_prompt", errc::bad_request},
    named_code{"invalid_api_key", errc::authentication},
    named_code{"authentication_error", errc::authentication},
    named_code{"billing_error", errc::billing},
    named_code{"permission_error", errc::permission_denied},
    named_code{"not_found_error", errc::not_found},
    named_code{"model_not_found", errc::not_found},
    named_code{"request_too_large", errc::request_rejected_size},
    named_code{"rate_limit_error", errc::rate_limited},
    named_code{"rate_limit_exceeded", errc::rate_limited},
    named_code{"insufficient_quota", errc::rate_limited},
    named_code{"api_error", errc::server_error},
    named_code{"server_error", errc::server_error},
    named_code{"slow_down", errc::service_unavailable},
    named_code{"overloaded", errc::service_unavailable},
    named_code{"timeout_error", errc::gateway_timeout},
    named_code{"overloaded_error", errc::overloaded},
    // Google
    named_code{"INVALID_ARGUMENT", errc::bad_request},
    named_code{"FAILED_PRECONDITION", errc::bad_request},
    named_code{"UNAUTHENTICATED", errc::authentication},
    named_code{"PERMISSION_DENIED", errc::permission_denied},
    named_code{"NOT_FOUND", errc::not_found},
    named_code{"ABORTED", errc::conflict},
    named_code{"RESOURCE_EXHAUSTED", errc::rate_limited},
    named_code{"INTERNAL", errc::server_error},
    named_code{"UNAVAILABLE", errc::service_unavailable},
    named_code{"DEADLINE_EXCEEDED", errc::gateway_timeout},
};

// What stands in words that are not in the table, in their plain form. Those that are final come first: what a filter
// held back, or a key that is wrong, is so at the next try as well.
constexpr std::array fragments{
    named_code{"contentfilter", errc::bad_request},
    named_code{"contentpolicy", errc::bad_request},
    named_code{"contextlength", errc::bad_request},
    named_code{"apikey", errc::authentication},
    named_code{"authentication", errc::authentication},
    named_code{"unauthorized", errc::authentication},
    named_code{"permission", errc::permission_denied},
    named_code{"forbidden", errc::permission_denied},
    named_code{"billing", errc::billing},
    named_code{"payment", errc::billing},
    named_code{"notfound", errc::not_found},
    named_code{"toolarge", errc::request_rejected_size},
    named_code{"unprocessable", errc::unprocessable_entity},
    named_code{"invalid", errc::bad_request},
    named_code{"badrequest", errc::bad_request},
    named_code{"unsupported", errc::bad_request},
    named_code{"ratelimit", errc::rate_limited},
    named_code{"toomanyrequests", errc::rate_limited},
    named_code{"overload", errc::overloaded},
    named_code{"timeout", errc::gateway_timeout},
    named_code{"timedout", errc::gateway_timeout},
    named_code{"unavailable", errc::service_unavailable},
    named_code{"servererror", errc::server_error},
    named_code{"internal", errc::server_error},
};

// What a message says that has neither a type nor a code. Only what leaves no doubt: a word such as "invalid" may stand
// in any.
constexpr std::array phrases{
    named_code{"unauthorized", errc::authentication},
    named_code{"invalidapikey", errc::authentication},
    named_code{"incorrectapikey", errc::authentication},
    named_code{"insufficientbalance", errc::billing},
    named_code{"insufficientcredit", errc::billing},
    named_code{"insufficientquota", errc::rate_limited},
    named_code{"contextlength", errc::bad_request},
    named_code{"contextsize", errc::bad_request},
    named_code{"contextwindow", errc::bad_request},
    named_code{"toomanyrequests", errc::rate_limited},
    named_code{"ratelimit", errc::rate_limited},
    named_code{"overloaded", errc::overloaded},
    named_code{"serviceunavailable", errc::service_unavailable},
    named_code{"temporarilyunavailable", errc::service_unavailable},
    named_code{"highdemand", errc::service_unavailable},
    named_code{"gatewaytimeout", errc::gateway_timeout},
    named_code{"internalservererror", errc::server_error},
    named_code{"badgateway", errc::server_error},
};

constexpr std::size_t max_compared_bytes = 100;
constexpr std::size_t max_phrase_bytes = 300;

std::string plain(std::string_view word, std::size_t max_bytes = max_compared_bytes) {
  std::string out;
  for (const char c : word.substr(0, max_bytes)) {
    if (http::is_alphanumeric(c)) out += http::to_lower(c);
  }
  return out;
}

std::optional<errc> meaning_of(std::string_view word) {
  const auto text = plain(word);
  if (text.empty()) return std::nullopt;
  for (const auto& each : names) {
    if (plain(each.name) == text) return each.code;
  }
  for (const auto& each : fragments) {
    if (text.find(each.name) != std::string::npos) return each.code;
  }
  return std::nullopt;
}

std::optional<errc> meaning_of_message(std::string_view message) {
  const auto text = plain(message, max_phrase_bytes);
  for (const auto& each : phrases) {
    if (text.find(each.name) != std::string::npos) return each.code;
  }
  return std::nullopt;
}

// A code that is a status of an error; else 0.
int status_in(std::string_view code) {
  int status = 0;
  const auto* end = code.data() + code.size();
  const auto [stop, problem] = std::from_chars(code.data(), end, status);
  return problem == std::errc() && stop == end && status >= 400 && status < 600 ? status : 0;
}

}  // namespace

errc code_for_status(int status) noexcept {
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

bool is_transient(errc code) noexcept {
  switch (code) {
    case errc::conflict:
    case errc::rate_limited:
    case errc::server_error:
    case errc::service_unavailable:
    case errc::gateway_timeout:
    case errc::overloaded:
      return true;
    default:
      return false;
  }
}

errc code_for_words(const error_words& words) {
  if (words.meaning) return *words.meaning;
  const auto by_type = meaning_of(words.type);
  if (const auto status = status_in(words.code); status != 0) {
    // Inside of a success no status says that a request timed out.
    const auto by_status = status == 408 ? errc::gateway_timeout : code_for_status(status);
    return is_transient(by_status) && by_type && !is_transient(*by_type) ? *by_type : by_status;
  }
  if (const auto by_code = meaning_of(words.code)) return *by_code;
  if (by_type) return *by_type;
  if (const auto by_message = meaning_of_message(words.message)) return *by_message;
  return words.code.empty() && words.type.empty() ? words.unnamed : errc::unexpected_body;
}

}  // namespace warmwire::providers

#include "providers/error_words.hpp"

#include "providers/json_document.hpp"
#include "providers/times.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

struct named_code {
  std::string_view name;
  errc code;
};

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

std::optional<std::chrono::milliseconds> retry_info(const json::object& from) {
  const auto* details = array_in(&from, "details");
  if (details == nullptr) return std::nullopt;
  for (const auto& each : *details) {
    const auto* detail = each.if_object();
    if (detail == nullptr || !view_of(*detail, "@type").ends_with("google.rpc.RetryInfo")) continue;
    return go_duration(view_of(*detail, "retryDelay"));
  }
  return std::nullopt;
}

error_words words_of(const json::object& from) {
  error_words out{.message = text_of(from, "message"),
                  .type = text_of(from, "type"),
                  .code = text_of(from, "code"),
                  .retry_after = retry_info(from)};
  if (out.type.empty()) out.type = text_of(from, "status");  // Google's
  return out;
}

// FastAPI's list of what is wrong with a request, as Mistral sends it: the first entry says enough.
std::string first_detail(const json::value& detail) {
  if (const auto* text = detail.if_string()) return std::string(*text);
  const auto* list = detail.if_array();
  if (list == nullptr || list->empty() || !list->front().is_object()) return {};
  const auto& first = list->front().get_object();
  auto out = text_of(first, "msg");
  if (const auto* place = first.if_contains("loc")) out.append(" at ").append(json::serialize(*place));
  return out;
}

}  // namespace

std::optional<error_words> find_error_words(const json::value& body) {
  if (const auto* list = body.if_array(); list != nullptr && list->size() == 1) return find_error_words(list->front());
  const auto* root = body.if_object();
  return root == nullptr ? std::nullopt : find_error_words(*root);
}

std::optional<error_words> find_error_words(const json::object& body) {
  std::optional<error_words> out;
  if (const auto* inner = body.if_contains("error")) {
    if (const auto* object = inner->if_object()) {
      out = words_of(*object);
    } else if (const auto* text = inner->if_string()) {
      out = error_words{.message = std::string(*text)};
    }
  }
  if (!out && body.contains("detail")) out = error_words{.message = first_detail(body.at("detail"))};
  if (!out && body.contains("message")) out = words_of(body);
  if (out) out->request_id = text_of(body, "request_id");
  return out;
}

bool is_error(const json::object& body) {
  if (const auto* inner = body.if_contains("error"); inner != nullptr && !inner->is_null()) return true;
  return view_of(body, "object") == "error" || view_of(body, "type") == "error";
}

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

errc code_for_words(const error_words& words) noexcept {
  int status = 0;
  std::from_chars(words.code.data(), words.code.data() + words.code.size(), status);
  if (status >= 400 && status < 600) return code_for_status(status);
  for (const auto& word : {words.code, words.type}) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.name == word; });
    if (found != names.end()) return found->code;
  }
  return errc::server_error;
}

}  // namespace warmwire::providers

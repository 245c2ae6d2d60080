#include "providers/error_words.hpp"

#include "providers/json_document.hpp"
#include "providers/times.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

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

}  // namespace warmwire::providers

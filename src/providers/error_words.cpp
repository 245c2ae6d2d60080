#include "providers/error_words.hpp"

#include "http/ascii.hpp"
#include "providers/json_document.hpp"
#include "providers/times.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

// Errors quote errors, which quote errors.
constexpr int max_quotes = 4;

// More is not shown, so it is not put together.
constexpr std::size_t max_said_bytes = 4096;
// Of one text. What is no JSON is tried line by line, all in one turn of the event loop.
constexpr std::size_t max_searched_bytes = std::size_t{64} << 10;

// How many objects that stand in other text are looked at over several lines.
constexpr int max_tries = 16;

constexpr std::string_view blanks_and_breaks = " \t\r\n";

// How servers call the text of an error, the plainest first.
constexpr std::array<std::string_view, 9> text_names{
    "message", "msg", "detail", "error_description", "error_message", "error_msg", "Message", "reason", "title"};

std::string_view beginning_of_text(std::string_view text) {
  return text.substr(0, max_searched_bytes);
}

std::string said_in(const json::value& value, int quotes);

void add_words(std::string& to, std::string_view more, std::string_view between) {
  more = more.substr(0, max_said_bytes);
  if (more.empty() || to.size() > max_said_bytes || to.find(more) != std::string::npos) return;
  if (!to.empty()) to += between;
  to += more;
}

std::string said_in_list(const json::array& list, int quotes) {
  std::string out;
  for (const auto& each : list) {
    if (out.size() > max_said_bytes) break;
    add_words(out, said_in(each, quotes), "; ");
  }
  return out;
}

// The first of the fields that says anything.
std::string first_said(const json::object& from, std::initializer_list<std::string_view> names, int quotes) {
  for (const auto name : names) {
    const auto* value = from.if_contains(name);
    if (value == nullptr) continue;
    if (auto out = said_in(*value, quotes); !out.empty()) return out;
  }
  return {};
}

std::string error_text_in(const json::object& from, int quotes) {
  for (const auto name : text_names) {
    if (auto out = first_said(from, {name}, quotes); !out.empty()) return out;
  }
  return {};
}

// A text as it is, of a list all entries, of an object its text, or all of it where it has none. FastAPI's entries say
// where in the request they found what is wrong.
std::string said_in(const json::value& value, int quotes) {
  if (const auto* text = value.if_string()) return std::string(beginning_of_text(*text));
  if (value.is_null() || value.is_bool() || quotes == 0) return {};
  if (const auto* list = value.if_array()) return said_in_list(*list, quotes - 1);
  const auto* object = value.if_object();
  if (object == nullptr) return json::serialize(value);
  auto out = error_text_in(*object, quotes - 1);
  if (out.empty()) out = first_said(*object, {"error", "errors"}, quotes - 1);
  if (out.empty()) return object->empty() ? std::string() : json::serialize(value);
  if (const auto* place = object->if_contains("loc")) out.append(" at ").append(json::serialize(*place));
  return out;
}

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

// What a router was told by the server behind it, as OpenRouter passes it on: often JSON in a string.
std::string quoted_in(const json::object& metadata, int quotes) {
  const auto* raw = metadata.if_contains("raw");
  std::string out;
  if (const auto* text = raw == nullptr ? nullptr : raw->if_string()) {
    const auto beginning = beginning_of_text(*text);
    const json_document inner(beginning);
    out = inner.problem().empty() ? said_in(inner.root(), quotes) : std::string(beginning);
  } else if (raw != nullptr) {
    out = said_in(*raw, quotes);
  }
  if (out.empty()) out = first_said(metadata, {"reasons"}, quotes);
  if (const auto who = view_of(metadata, "provider_name"); !who.empty() && !out.empty()) {
    out.append(" (").append(who).append(")");
  }
  return out;
}

error_words words_of(const json::object& from) {
  error_words out{.message = error_text_in(from, max_quotes),
                  .type = text_of(from, "type"),
                  .code = text_of(from, "code"),
                  .retry_after = retry_info(from)};
  if (const auto* metadata = object_in(&from, "metadata")) {
    add_words(out.message, quoted_in(*metadata, max_quotes), ": ");
  }
  add_words(out.message, view_of(from, "failed_generation"), ": ");  // Groq's
  if (out.message.empty()) out.message = first_said(from, {"error", "errors"}, max_quotes);
  for (const auto* name : {"status", "error_type", "__type"}) {  // Google's, Hugging Face's, Amazon's
    if (out.type.empty()) out.type = view_of(from, name);
  }
  for (const auto* name : {"error_code", "status_code", "statusCode"}) {
    if (out.code.empty()) out.code = text_of(from, name);
  }
  return out;
}

// MiniMax gives its errors as successes, and its successes a status of 0.
errc meaning_of_base_status(std::int64_t status) {
  switch (status) {
    case 1001:
      return errc::gateway_timeout;
    case 1002:
    case 1039:
    case 1041:
    case 2045:
    case 2056:
      return errc::rate_limited;
    case 1004:
    case 2049:
      return errc::authentication;
    case 1008:
      return errc::billing;
    case 1000:
    case 1013:
    case 1024:
    case 1033:
      return errc::server_error;
    case 1026:
    case 1027:
    case 2013:
      return errc::bad_request;
    default:
      return errc::unexpected_body;
  }
}

std::optional<error_words> words_of_base(const json::object& body) {
  const auto* base = object_in(&body, "base_resp");
  const auto status = base == nullptr ? 0 : count_in(base, "status_code");
  if (status == 0) return std::nullopt;
  return error_words{.message = text_of(*base, "status_msg"),
                     .code = std::to_string(status),
                     .meaning = meaning_of_base_status(status)};
}

// Whether the value of a field that is named for an error says that there is one.
bool says_error(const json::value* value) {
  if (value == nullptr || value->is_null()) return false;
  if (const auto* text = value->if_string()) return !text->empty();
  if (const auto* object = value->if_object()) return !object->empty();
  if (const auto* list = value->if_array()) return !list->empty();
  if (value->is_bool()) return value->get_bool();
  return *value != json::value(0);
}

// `error` as a word beside which the text stands, or as the text itself.
error_words words_beside(const json::object& body, const json::value& error) {
  auto out = words_of(body);
  const auto word = said_in(error, max_quotes);
  if (out.message.empty()) {
    out.message = word;
  } else if (out.type.empty()) {
    out.type = word;
  }
  return out;
}

// Of a list, as Google sends one: every error in it.
std::optional<error_words> words_in_list(const json::array& list) {
  std::optional<error_words> out;
  for (const auto& each : list) {
    const auto* member = each.if_object();
    if (member == nullptr || (list.size() > 1 && !is_error(*member))) continue;
    auto words = find_error_words(*member);
    if (!words) continue;
    if (out) {
      add_words(out->message, words->message, "; ");
    } else {
      out = std::move(words);
    }
  }
  return out;
}

std::string_view without_blanks_around(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(blanks_and_breaks), text.size());
  text.remove_prefix(begin);
  const auto end = text.find_last_not_of(blanks_and_breaks);
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::optional<error_words> words_in_json(std::string_view text) {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return std::nullopt;
  const json_document body(text);
  return body.problem().empty() ? find_error_words(body.root()) : std::nullopt;
}

std::string_view without_name(std::string_view line) {
  line = without_blanks_around(line);
  for (const auto name : {std::string_view("data:"), std::string_view("error:")}) {
    if (line.starts_with(name)) return without_blanks_around(line.substr(name.size()));
  }
  return line;
}

}  // namespace

std::optional<error_words> find_error_words(const json::value& body) {
  if (const auto* list = body.if_array()) return words_in_list(*list);
  const auto* root = body.if_object();
  return root == nullptr ? std::nullopt : find_error_words(*root);
}

std::optional<error_words> find_error_words(const json::object& body) {
  std::optional<error_words> out;
  if (const auto* inner = body.if_contains("error"); inner != nullptr && says_error(inner)) {
    const auto* object = inner->if_object();
    out = object != nullptr ? words_of(*object) : words_beside(body, *inner);
    if (out->message.empty()) out->message = json::serialize(*inner).substr(0, max_said_bytes);
  }
  if (!out) out = words_of_base(body);
  if (!out && says_error(body.if_contains("errors"))) out = words_beside(body, body.at("errors"));
  if (!out) {
    auto words = words_of(body);
    if (!words.message.empty()) out = std::move(words);
  }
  if (!out) return out;
  for (const auto* name : {"request_id", "requestId"}) {
    if (out->request_id.empty()) out->request_id = view_of(body, name);
  }
  return out;
}

std::optional<error_words> find_error_words(std::string_view text) {
  text = beginning_of_text(text);
  if (auto out = words_in_json(without_blanks_around(text))) return out;
  int tries = 0;
  for (auto rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (auto out = words_in_json(without_name(rest.substr(0, end)))) return out;
    // An object may go on over the lines that follow.
    const auto more = without_name(rest);
    if (more.starts_with('{') && tries++ < max_tries) {
      if (auto out = words_in_json(more)) return out;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

bool is_error(const json::object& body) {
  if (says_error(body.if_contains("error")) || words_of_base(body)) return true;
  return http::iequals(view_of(body, "object"), "error") || view_of(body, "type") == "error";
}

}  // namespace warmwire::providers

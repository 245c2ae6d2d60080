#include "providers/provider_error.hpp"

#include "providers/error_codes.hpp"
#include "providers/json_document.hpp"
#include "providers/limit_headers.hpp"
#include "providers/retry_after.hpp"
#include "text/printable.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::size_t max_message_bytes = 1000;
constexpr std::size_t max_excerpt_bytes = 800;
constexpr std::size_t max_place_bytes = 300;
constexpr std::size_t max_quoted_word_bytes = 100;
// No more of a text is looked at, however much of it is blanks: the search for secrets must not take long.
constexpr std::size_t max_examined_bytes = std::size_t{64} << 10;

std::string request_id_in(const headers& fields) {
  for (const auto* name : {"x-request-id", "request-id", "apim-request-id", "x-generation-id", "mistral-correlation-id",
                           "x-ds-trace-id"}) {
    if (const auto* value = fields.find(name)) return *value;
  }
  return {};
}

std::string cleaned(const provider_config& config, std::string_view text, std::size_t max_bytes) {
  return config.redact.shown(text, max_bytes);
}

std::optional<std::chrono::sys_seconds> now_of(const provider_config& config) {
  if (!config.now) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(config.now());
}

// Everything but the code and the words. Takes no answer: the texts are made of it first.
error error_from(const provider_config& config, const provider_answer& answer) {
  error out;
  out.phase = phase::body;
  out.http_status = answer.http_status;
  out.request_id = cleaned(config, answer.request_id, max_quoted_word_bytes);
  out.retry_after = retry_after(answer.headers, now_of(config));
  out.body_bytes = answer.raw_body.size();
  return out;
}

error with_answer(error reason, provider_answer&& answer) {
  reason.answer = std::make_shared<const provider_answer>(std::move(answer));
  return reason;
}

void take_words(error& out, const provider_config& config, const error_words& words) {
  out.message = cleaned(config, words.message, max_message_bytes);
  out.provider_type = cleaned(config, words.type, max_quoted_word_bytes);
  out.provider_code = cleaned(config, words.code, max_quoted_word_bytes);
  if (out.request_id.empty()) out.request_id = cleaned(config, words.request_id, max_quoted_word_bytes);
  if (!out.retry_after) out.retry_after = words.retry_after;
}

std::string described(const provider_config& config, const provider_answer& answer, std::string_view kind) {
  auto out = "status " + std::to_string(answer.http_status);
  if (answer.raw_body.empty()) return out.append(" with an empty body");
  return out.append(" with a body that is ").append(kind).append(": ").append(quoted(config, answer.raw_body));
}

// Nobody follows a redirect: a key goes where it was made for. So the caller is told where it leads.
void add_place(error& out, const provider_config& config, const provider_answer& answer) {
  const auto place = answer.headers.get("location");
  if (answer.http_status < 300 || answer.http_status > 399 || place.empty()) return;
  out.message.append("; it points to \"")
      .append(cleaned(config, std::string(place), max_place_bytes))
      .append("\", and redirects are not followed");
}

}  // namespace

std::string quoted(const provider_config& config, std::string_view text) {
  std::string out = "\"";
  return out.append(cleaned(config, text::text_of_page(text.substr(0, max_examined_bytes)), max_excerpt_bytes))
      .append("\"");
}

provider_answer answer_of(response&& from) {
  provider_answer out;
  out.http_status = from.status;
  out.request_id = request_id_in(from.headers);
  out.rate_limits = rate_limits_in(from.headers);
  out.headers = std::move(from.headers);
  out.raw_body = std::move(from.body);
  out.provenance = std::move(from.provenance);
  return out;
}

error decode_error(const provider_config& config, provider_answer answer) {
  auto out = error_from(config, answer);
  out.code = code_for_status(answer.http_status);
  const json_document body(answer.raw_body);
  const bool is_json = body.problem().empty();
  auto words = is_json ? find_error_words(body.root()) : find_error_words(std::string_view(answer.raw_body));
  if (words) take_words(out, config, std::move(*words));
  if (out.message.empty()) {
    out.message = described(config, answer, is_json ? "no error of the API's kind" : "not JSON");
    // Whoever asks for a key may say here what is wrong with it.
    const auto demand = answer.headers.get("www-authenticate");
    if (!demand.empty()) out.message.append("; it asks for ").append(quoted(config, demand));
  }
  add_place(out, config, answer);
  return with_answer(std::move(out), std::move(answer));
}

error error_in_success(const provider_config& config, provider_answer answer, error_words words) {
  auto out = error_from(config, answer);
  out.code = code_for_words(words);
  take_words(out, config, words);
  if (out.message.empty()) out.message = "the answer holds an error without a message";
  return with_answer(std::move(out), std::move(answer));
}

error unexpected_body(const provider_config& config, provider_answer answer, std::string what) {
  auto out = error_from(config, answer);
  out.code = errc::unexpected_body;
  out.message = std::move(what);
  if (answer.raw_body.empty()) {
    out.message.append(": it is empty");
  } else {
    out.message.append(": ").append(quoted(config, answer.raw_body));
  }
  return with_answer(std::move(out), std::move(answer));
}

error unreadable_body(const provider_config& config, provider_answer answer, const error& why) {
  auto out = error_from(config, answer);
  const bool is_success = answer.http_status >= 200 && answer.http_status <= 299;
  out.code = is_success ? why.code : code_for_status(answer.http_status);
  out.message = "status " + std::to_string(answer.http_status) + " with a body that cannot be read: ";
  out.message.append(why.message);
  return with_answer(std::move(out), std::move(answer));
}

error too_large(const provider_config& config, provider_answer answer) {
  auto out = error_from(config, answer);
  out.code = errc::response_too_large;
  out.message = "the answer is longer than 64 MiB, or asks for more than 1024 tools";
  return with_answer(std::move(out), std::move(answer));
}

error too_large_to_read(const provider_config& config, provider_answer answer) {
  auto out = error_from(config, answer);
  out.code = errc::response_too_large;
  out.message = "the answer is JSON of " + std::to_string(answer.raw_body.size()) +
                " bytes, and it is longer, or has more values, than max_json_bytes allows (" +
                std::to_string(config.answer_limits.max_bytes) + " bytes here, " +
                std::to_string(config.answer_limits.max_values) + " values)";
  return with_answer(std::move(out), std::move(answer));
}

error unsupported(const provider_config& config, std::string_view call) {
  error out{.code = errc::unsupported_call};
  out.message.append(config.provider)
      .append(" has no ")
      .append(call)
      .append(": it speaks ")
      .append(to_string(config.api));
  return out;
}

}  // namespace warmwire::providers

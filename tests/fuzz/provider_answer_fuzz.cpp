// What a provider answers: chats, errors, pages of proxies, in any bytes. Input: the status on a line, then fields up
// to an empty line, then the body.
#include "providers/calls.hpp"
#include "providers/provider_config.hpp"
#include "providers/provider_error.hpp"
#include "tests/fuzz/fuzzing.hpp"
#include "text/printable.hpp"
#include "text/redactor.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace {

using namespace warmwire;
using fuzz::require;

constexpr std::string_view key = "sk-fuzz/0123456789abcdef";
constexpr std::string_view key_in_json = R"(sk-fuzz\/0123456789abcdef)";
constexpr std::string_view key_in_url = "sk-fuzz%2F0123456789abcdef";
constexpr std::size_t ellipsis = std::string_view("…").size();

const providers::provider_config& config() {
  static const auto made =
      providers::make_provider_config({.provider = "openai",
                                       .api_key = secret(std::string(key)),
                                       .extra_headers = {{"X-Gateway", "Basic Z2F0ZXdheTpodW50ZXIy"}}},
                                      [](const char*) -> const char* { return nullptr; });
  return *made;
}

response read_answer(std::string_view text) {
  response answer;
  const auto status = fuzz::next_line(text);
  std::from_chars(status.data(), status.data() + status.size(), answer.status);
  while (!text.empty()) {
    const auto line = fuzz::next_line(text);
    if (line.empty()) break;
    const auto colon = std::min(line.find(':'), line.size());
    const auto value = std::min(line.find_first_not_of(": ", colon), line.size());
    answer.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(value)));
  }
  answer.body = text;
  return answer;
}

void check_text(std::string_view text, std::size_t max_bytes) {
  require(text::is_utf8(text), "what is shown is UTF-8");
  require(fuzz::is_one_line(text), "what is shown has no control characters");
  require(text.size() <= max_bytes + ellipsis, "what is shown is short");
}

void check_shown(std::string_view text, std::size_t max_bytes) {
  check_text(text, max_bytes);
  for (const auto form : {key, key_in_json, key_in_url})
    require(text.find(form) == std::string_view::npos, "what is shown holds no secret");
}

/// A text that is cut must not be cut within the key before the key is looked for.
void check_cut(std::string_view shown, std::string_view given) {
  const auto beginning = key.substr(0, 8);
  const auto at = given.find(key);
  if (at == std::string_view::npos || given.find(beginning) != at || given.find(beginning, at + 1) != given.npos)
    return;
  require(shown.find(beginning) == std::string_view::npos, "a part of the secret is not shown either");
}

void check_error(const error& reason, const response& answer) {
  check_shown(reason.message, 1000);
  check_shown(reason.provider_type, 100);
  check_shown(reason.provider_code, 100);
  check_shown(reason.request_id, 100);
  check_cut(reason.request_id, answer.headers.get("x-request-id"));
  require(!reason.message.empty(), "an error says something");
  require(reason.http_status == answer.status && reason.body_bytes == answer.body.size(), "an error tells the facts");
  require(!reason.retry_after || (reason.retry_after->count() >= 0 && *reason.retry_after <= std::chrono::years(1)),
          "a wait has limits");
  require(!to_string(reason.code).empty() && fuzz::is_one_line(reason.to_string()), "an error can be printed");
}

void check_printable(std::string_view text) {
  for (const std::size_t max_bytes : {std::size_t{0}, std::size_t{1}, std::size_t{10}, text.size() + 1}) {
    check_text(text::printable(text, max_bytes), max_bytes);
  }
  const auto whole = text::printable(text, text.size() + 1);
  require(text::printable(whole, text.size() + 1) == whole, "what is printable stays as it is");
}

/// The first word is a secret, the rest a text.
void check_redactor(std::string_view text) {
  const auto hidden = text.substr(0, text.find(' '));
  text.remove_prefix(hidden.size());
  constexpr std::string_view mark = "[redacted]";
  if (hidden.size() < 4 || hidden.find_first_of("[]") != std::string_view::npos) return;
  if (mark.find(hidden) != std::string_view::npos) return;
  text::redactor redact;
  redact.add(secret(std::string(hidden)));
  const auto shown = redact(std::string(text));
  require(shown.find(hidden) == std::string::npos, "the secret is taken out");
  const bool has_cut = hidden.size() > 8 && shown.ends_with(hidden.substr(0, 8));
  require(!has_cut, "and so is its beginning at the end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto answer = read_answer(text);
  check_printable(answer.body);
  check_redactor(answer.body);
  check_error(providers::decode_error(config(), providers::answer_of(response(answer))), answer);
  const auto reply = providers::decode_chat(config(), response(answer));
  if (reply) {
    require(answer.status >= 200 && answer.status <= 299, "only a success is a reply");
    require(reply->raw_body == answer.body, "the body is kept");
    require(text::is_utf8(reply->content), "an answer is UTF-8");
  } else {
    check_error(reply.error(), answer);
  }
  return 0;
}

#include "providers/limit_headers.hpp"

#include "providers/times.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace warmwire::providers {
namespace {

using std::chrono::milliseconds;

std::optional<std::int64_t> count_of(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

void drop_what_says_nothing(rate_limit& read) {
  if (read.limit != 0) return;
  read.limit.reset();
  read.remaining.reset();
}

rate_limit openai_limit(const headers& fields, const std::string& what) {
  rate_limit out{.limit = count_of(fields.get("x-ratelimit-limit-" + what)),
                 .remaining = count_of(fields.get("x-ratelimit-remaining-" + what)),
                 .reset = go_duration(fields.get("x-ratelimit-reset-" + what))};
  if (!out.reset) {
    if (const auto seconds = plain_number(fields.get("x-ratelimit-reset-" + what)))
      out.reset = to_wait(*seconds * 1000);
  }
  drop_what_says_nothing(out);
  return out;
}

rate_limit anthropic_limit(const headers& fields, const std::string& what) {
  const auto field = [&](const char* part) { return fields.get("anthropic-ratelimit-" + what + part); };
  rate_limit out{.limit = count_of(field("-limit")), .remaining = count_of(field("-remaining"))};
  const auto until = rfc3339(field("-reset"));
  const auto now = http_date(fields.get("date"));
  if (until && now) out.reset = std::clamp<milliseconds>(*until - *now, milliseconds(0), longest_wait);
  drop_what_says_nothing(out);
  return out;
}

}  // namespace

rate_limits rate_limits_in(const headers& fields) {
  rate_limits out{.requests = openai_limit(fields, "requests"),
                  .tokens = openai_limit(fields, "tokens"),
                  .input_tokens = anthropic_limit(fields, "input-tokens"),
                  .output_tokens = anthropic_limit(fields, "output-tokens")};
  if (out.requests == rate_limit{}) out.requests = anthropic_limit(fields, "requests");
  if (out.tokens == rate_limit{}) out.tokens = anthropic_limit(fields, "tokens");
  return out;
}

}  // namespace warmwire::providers

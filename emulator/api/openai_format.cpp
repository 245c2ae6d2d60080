// What the answers of OpenAI's endpoints have in common.
#include "emulator/api/openai_format.hpp"

#include "emulator/answer.hpp"
#include "emulator/api/api_error.hpp"

#include <algorithm>

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t openai_requests_per_minute = 10'000;
constexpr std::uint64_t tokens_per_minute = 2'000'000;

std::string_view trim_zeros(std::string_view fraction) {
  return fraction.substr(0, fraction.find_last_not_of('0') + 1);
}

void append_limit(std::string& fields, std::string_view what, std::uint64_t limit, std::uint64_t used) {
  const auto append = [&](std::string_view which, std::string_view value) {
    append_field(fields, std::string("x-ratelimit-").append(which).append("-").append(what), value);
  };
  const std::uint64_t left = limit - std::min(limit, used);
  const auto refill = std::chrono::milliseconds(((limit - left) * 60'000 + limit - 1) / limit);
  append("limit", std::to_string(limit));
  append("remaining", std::to_string(left));
  append("reset", go_duration(refill));
}

}  // namespace

std::string item_id(std::string_view prefix, std::uint64_t number, std::uint64_t index) {
  return std::string(prefix).append(padded(number, 21)).append(padded(index, 3));
}

std::string_view chat_finish(const reply& said) {
  switch (said.end) {
    case reply::ending::length:
      return "length";
    case reply::ending::tool_calls:
      return "tool_calls";
    default:
      return "stop";
  }
}

json::object chat_usage(const dialogue& asked, const reply& said, const server_kind& as) {
  const std::uint64_t completion = said.tokens() * asked.choices;
  json::object usage{{"prompt_tokens", asked.prompt_tokens},
                     {"completion_tokens", completion},
                     {"total_tokens", asked.prompt_tokens + completion},
                     {"prompt_tokens_details", {{"cached_tokens", asked.cached_tokens}, {"audio_tokens", 0}}},
                     {"completion_tokens_details",
                      {{"reasoning_tokens", said.thought_tokens * asked.choices},
                       {"audio_tokens", 0},
                       {"accepted_prediction_tokens", 0},
                       {"rejected_prediction_tokens", 0}}}};
  if (as.name == "deepseek") {
    usage["prompt_cache_hit_tokens"] = asked.cached_tokens;
    usage["prompt_cache_miss_tokens"] = asked.prompt_tokens - asked.cached_tokens;
  }
  return usage;
}

std::string arguments_text(const reply::call& call) {
  return json::serialize(call.arguments);
}

void append_rate_limits(std::string& fields, const server_kind& as, std::uint64_t tokens) {
  if (!as.has_limits) return;
  if (as.name == "azure") {
    append_field(fields, "x-ratelimit-limit-requests", "0");
    append_field(fields, "x-ratelimit-remaining-requests", "-1");
  } else {
    append_limit(fields, "requests", openai_requests_per_minute, 1);
  }
  append_limit(fields, "tokens", tokens_per_minute, tokens);
}

std::string go_duration(std::chrono::milliseconds value) {
  using namespace std::chrono;
  if (value == 0ms) return "0s";
  if (value < 1s) return std::to_string(value.count()) + "ms";
  std::string text;
  if (value >= 1h) text += std::to_string(value / 1h) + "h";
  if (value >= 1min) text += std::to_string(value % 1h / 1min) + "m";
  text += std::to_string(value % 1min / 1s);
  const auto fraction = static_cast<std::uint64_t>((value % 1s).count());
  if (fraction > 0) text.append(".").append(trim_zeros(padded(fraction, 3)));
  return text += "s";
}

}  // namespace warmwire::emulator

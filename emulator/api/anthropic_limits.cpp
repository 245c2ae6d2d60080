// The rate-limit fields of Anthropic's answers.
#include "emulator/api/anthropic_limits.hpp"

#include "emulator/answer.hpp"
#include "emulator/api/api_error.hpp"

#include <algorithm>
#include <string_view>

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t anthropic_requests_per_minute = 4'000;
constexpr std::uint64_t input_per_minute = 400'000;
constexpr std::uint64_t output_per_minute = 80'000;

struct limit {
  std::string_view name;
  std::uint64_t most;
  std::uint64_t used;
  std::uint64_t rounding = 1;
};

// So long after 22:13:20, at most a minute.
std::string time_after(std::uint64_t seconds) {
  const std::uint64_t at = 20 + seconds;
  return "2023-11-14T22:" + padded(13 + at / 60, 2) + ":" + padded(at % 60, 2) + "Z";
}

void append_limit(std::string& fields, const limit& each) {
  const auto append = [&](std::string_view which, std::string_view value) {
    append_field(fields, std::string("anthropic-ratelimit-").append(each.name).append("-").append(which), value);
  };
  const std::uint64_t used = std::min(each.used, each.most);
  const std::uint64_t left = (each.most - used + each.rounding / 2) / each.rounding * each.rounding;
  append("limit", std::to_string(each.most));
  append("remaining", std::to_string(left));
  append("reset", time_after((used * 60 + each.most - 1) / each.most));
}

}  // namespace

void append_anthropic_limits(std::string& fields, std::uint64_t input_tokens, std::uint64_t output_tokens) {
  append_limit(fields, {.name = "requests", .most = anthropic_requests_per_minute, .used = 1});
  append_limit(fields, {.name = "input-tokens", .most = input_per_minute, .used = input_tokens, .rounding = 1000});
  append_limit(fields, {.name = "output-tokens", .most = output_per_minute, .used = output_tokens, .rounding = 1000});
  append_limit(fields, {.name = "tokens",
                        .most = input_per_minute + output_per_minute,
                        .used = input_tokens + output_tokens,
                        .rounding = 1000});
}

}  // namespace warmwire::emulator

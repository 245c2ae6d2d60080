// The emulator's answer to a chat.
#include "emulator/chat_completion.hpp"

#include "emulator/answer.hpp"
#include "emulator/tokens.hpp"

#include <algorithm>

namespace warmwire::emulator {
namespace {

constexpr std::size_t max_repeated_bytes = 4096;
constexpr std::uint64_t requests_per_minute = 10'000;
constexpr std::uint64_t tokens_per_minute = 2'000'000;
// Not the clock: the same chat gets the same answer, to the byte.
constexpr std::uint64_t created = 1'700'000'000;

std::string padded(std::uint64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

std::string_view beginning(std::string_view text) {
  if (text.size() <= max_repeated_bytes) return text;
  std::size_t end = max_repeated_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

void append_usage(std::string& out, std::uint64_t prompt, std::uint64_t completion) {
  out.append(R"("usage":{"prompt_tokens":)").append(std::to_string(prompt));
  out.append(R"(,"completion_tokens":)").append(std::to_string(completion));
  out.append(R"(,"total_tokens":)").append(std::to_string(prompt + completion));
  out += R"(,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":)";
  out += R"({"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
}

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

completion complete(const chat_input& input) {
  const std::uint64_t words = count_words(input.last_user_text);
  completion made{.text = "You wrote " + std::to_string(words) + (words == 1 ? " word: " : " words: ")};
  made.text += beginning(input.last_user_text);
  for (const std::string& sequence : input.stop) {
    const auto found = sequence.empty() ? std::string::npos : made.text.find(sequence);
    if (found != std::string::npos) made.text.resize(found);
  }
  if (input.max_tokens) {
    const auto kept = first_tokens(made.text, *input.max_tokens).size();
    if (kept < made.text.size()) made.finish_reason = "length";
    made.text.resize(kept);
  }
  made.tokens = count_tokens(made.text) * input.choices;
  return made;
}

std::string completion_body(const chat_input& input, const completion& made, std::uint64_t number) {
  std::string out;
  out.reserve(640 + made.text.size() * input.choices);
  out.append(R"({"id":"chatcmpl-)").append(padded(number, 29)).append(R"(","object":"chat.completion","created":)");
  out.append(std::to_string(created)).append(R"(,"model":)");
  append_json_string(out, input.model);
  out += R"(,"choices":[)";
  for (std::uint64_t index = 0; index < input.choices; ++index) {
    if (index > 0) out += ',';
    out.append(R"({"index":)").append(std::to_string(index));
    out += R"(,"message":{"role":"assistant","content":)";
    append_json_string(out, made.text);
    out += R"(,"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":")";
    out.append(made.finish_reason).append(R"("})");
  }
  out += "],";
  append_usage(out, input.prompt_tokens, made.tokens);
  return out += R"(,"service_tier":"default","system_fingerprint":"fp_warmwire"})"
                "\n";
}

std::string request_id(std::uint64_t number) {
  return "req_" + padded(number, 32);
}

void append_rate_limits(std::string& fields, std::uint64_t tokens) {
  append_limit(fields, "requests", requests_per_minute, 1);
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

#include "providers/retry_policy.hpp"

#include "http/ascii.hpp"
#include "providers/error_codes.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/provider_answer.hpp>

#include <algorithm>
#include <string_view>

namespace warmwire::providers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_backoff{500};
constexpr milliseconds longest_backoff{8000};
constexpr std::chrono::hours longest_timeout{24};

bool is_final(std::string_view word) {
  return word == "insufficient_quota" || word == "context_length_exceeded" || word == "content_policy_violation";
}

// Nobody waits for the call any more, whatever a server advises.
bool is_the_end(errc code) {
  return code == errc::cancelled || code == errc::deadline_exceeded || code == errc::pool_closed ||
         code == errc::forked;
}

// Something of the answer was seen; trying again would make it twice.
bool has_begun(const error& reason) {
  const auto* part = reason.partial.get();
  return part != nullptr && (!part->content.empty() || !part->reasoning.empty() || !part->refusal.empty() ||
                             !part->tool_calls.empty() || !part->id.empty() || part->usage != usage{});
}

std::optional<bool> servers_advice(const error& reason) {
  if (!reason.answer) return std::nullopt;
  const auto word = reason.answer->headers.get("x-should-retry");
  if (http::iequals(word, "true")) return true;
  if (http::iequals(word, "false")) return false;
  return std::nullopt;
}

bool is_before_first_byte(phase where) {
  return where != phase::body;
}

bool is_connection_failure(const error& reason) {
  switch (reason.code) {
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::connect_timeout:
    case errc::tls_failed:
    case errc::tls_timeout:
    case errc::proxy_failed:
    case errc::connection_lost:
    case errc::stream_refused:
    case errc::stream_reset:
    case errc::http2_violation:
    case errc::inactivity_timeout:
      return is_before_first_byte(reason.phase);
    default:
      return false;
  }
}

bool is_used_up(const rate_limit& limit) {
  return limit.remaining == 0 && limit.reset;
}

}  // namespace

std::int64_t retry_budget::number_at(time_point now) {
  constexpr auto length = window / static_cast<std::chrono::seconds::rep>(slices);
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()) / length;
}

retry_budget::slice& retry_budget::slice_at(time_point now) {
  const auto number = number_at(now);
  auto& place = recent_[static_cast<std::size_t>(number) % slices];
  if (place.number != number) place = {.number = number};
  return place;
}

void retry_budget::note_call(time_point now) {
  ++slice_at(now).calls;
}

bool retry_budget::is_as_new(time_point now) const {
  const auto number = number_at(now);
  return std::all_of(recent_.begin(), recent_.end(),
                     [number](const slice& each) { return each.number <= number - static_cast<std::int64_t>(slices); });
}

bool retry_budget::take(time_point now) {
  auto& current = slice_at(now);
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  for (const auto& each : recent_) {
    if (each.number <= current.number - static_cast<std::int64_t>(slices)) continue;
    calls += each.calls;
    retries += each.retries;
  }
  if (retries >= std::max(always_allowed, calls / calls_for_a_retry)) return false;
  ++current.retries;
  return true;
}

milliseconds backoff(std::uint32_t failures, double dice) {
  // Five doublings are more than the longest wait.
  const auto doublings = std::min<std::uint32_t>(failures - std::min<std::uint32_t>(failures, 1), 5);
  const auto full = std::min(first_backoff * (1U << doublings), longest_backoff);
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(full.count()) * (1 - 0.25 * dice)));
}

retry_budget::time_point deadline_after(retry_budget::time_point now, milliseconds timeout) {
  return now + std::clamp<milliseconds>(timeout, milliseconds(0), longest_timeout);
}

bool is_retryable(const error& reason) {
  if (is_the_end(reason.code) || has_begun(reason) || is_final(reason.provider_code) || is_final(reason.provider_type))
    return false;
  if (const auto advice = servers_advice(reason)) return *advice;
  return is_connection_failure(reason) || is_transient(reason.code) || reason.http_status == 408;
}

std::optional<milliseconds> asked_wait(const error& reason) {
  if (reason.retry_after) return reason.retry_after;
  if (!reason.answer) return std::nullopt;
  const auto& limits = reason.answer->rate_limits;
  std::optional<milliseconds> out;
  for (const auto* each : {&limits.requests, &limits.tokens, &limits.input_tokens, &limits.output_tokens}) {
    if (is_used_up(*each)) out = std::max(out.value_or(milliseconds(0)), *each->reset);
  }
  return out;
}

std::optional<milliseconds> next_try(const error& reason, const retry_question& about, retry_budget& budget,
                                     retry_budget::time_point now) {
  if (about.failures > about.max_retries || !is_retryable(reason)) return std::nullopt;
  const auto asked = asked_wait(reason);
  // "At once" says nothing that is worth less than our own patience.
  const auto wait = asked && *asked > milliseconds(0) ? *asked : backoff(about.failures, about.dice);
  if (wait > longest_honoured_wait) return std::nullopt;
  if (about.time_left && wait >= *about.time_left) return std::nullopt;
  if (!budget.take(now)) return std::nullopt;
  return wait;
}

}  // namespace warmwire::providers

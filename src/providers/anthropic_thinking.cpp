#include "providers/anthropic_thinking.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::int64_t least_budget = 1024;

struct version {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const version&, const version&) = default;
};

constexpr version first_adaptive{4, 6};
constexpr version first_with_effort{4, 5};  // Opus alone

// With the default of `max_tokens` beside it, the greatest stays below what must be streamed.
struct effort_budget {
  reasoning_effort effort;
  std::int64_t tokens;
};

constexpr std::array budgets{
    effort_budget{reasoning_effort::minimal, least_budget}, effort_budget{reasoning_effort::low, least_budget},
    effort_budget{reasoning_effort::medium, 4096},          effort_budget{reasoning_effort::high, 12'288},
    effort_budget{reasoning_effort::xhigh, 12'288},         effort_budget{reasoning_effort::max, 12'288}};

bool contains(std::string_view text, std::string_view what) {
  return std::search(text.begin(), text.end(), what.begin(), what.end(),
                     [](char a, char b) { return http::to_lower(a) == b; }) != text.end();
}

// A number of one or two digits at the start of `text`, or -1: longer ones are dates.
int short_number_at(std::string_view text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), http::is_digit);
  int number = -1;
  if (end - text.begin() <= 2) std::from_chars(text.begin(), end, number);
  return number;
}

// "claude-opus-4-5-20251101", "claude-3.7-sonnet", "anthropic.claude-sonnet-4@20250514": the first number and the one
// right after it. Nothing where there is none.
version version_in(std::string_view model) {
  auto at = std::find_if(model.begin(), model.end(), http::is_digit);
  if (at == model.end()) return {};
  const std::string_view rest(at, model.end());
  const auto length =
      static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), http::is_digit) - rest.begin());
  const bool goes_on = length < rest.size() && (rest[length] == '-' || rest[length] == '.');
  return {short_number_at(rest), goes_on ? std::max(short_number_at(rest.substr(length + 1)), 0) : 0};
}

bool thinks(const chat_request& chat) {
  if (chat.reasoning_effort) return *chat.reasoning_effort != reasoning_effort::none;
  return chat.show_reasoning;
}

// 0 when there is none to be sent. Half of what the caller allows is left for the answer, where it is enough for both.
std::int64_t budget_of(const chat_request& chat, std::string_view model) {
  if (!thinks(chat) || thinking_form_of(model) == thinking_form::adaptive) return 0;
  const auto effort = chat.reasoning_effort.value_or(reasoning_effort::medium);
  const auto* const found =
      std::find_if(budgets.begin(), budgets.end(), [&](const effort_budget& each) { return each.effort == effort; });
  const auto wanted = found == budgets.end() ? least_budget : found->tokens;
  return chat.max_tokens ? std::clamp(*chat.max_tokens / 2, least_budget, wanted) : wanted;
}

// No model has "minimal", and the one that takes both nothing above "high".
std::string_view effort_name(reasoning_effort effort, thinking_form form) {
  if (effort == reasoning_effort::minimal) return "low";
  const bool is_above = effort == reasoning_effort::xhigh || effort == reasoning_effort::max;
  return is_above && form == thinking_form::budget_and_effort ? "high" : to_string(effort);
}

void write_thinking(json_writer& to, const chat_request& chat, std::string_view model) {
  const auto budget = budget_of(chat, model);
  if (chat.reasoning_effort == reasoning_effort::none) {
    to.key("thinking").begin_object().field("type", "disabled").end_object();
  } else if (budget > 0) {
    // These models show it without being asked.
    to.key("thinking").begin_object().field("type", "enabled").field("budget_tokens", budget).end_object();
  } else if (thinks(chat)) {
    to.key("thinking").begin_object().field("type", "adaptive");
    if (chat.show_reasoning) to.field("display", "summarized");
    to.end_object();
  }
}

}  // namespace

thinking_form thinking_form_of(std::string_view model) noexcept {
  constexpr std::string_view family = "claude-";
  const auto* const found = std::search(model.begin(), model.end(), family.begin(), family.end(),
                                        [](char a, char b) { return http::to_lower(a) == b; });
  if (found == model.end()) return thinking_form::adaptive;
  const auto is = version_in({found, model.end()});
  if (is.major <= 0 || is >= first_adaptive) return thinking_form::adaptive;
  const bool has_effort = is >= first_with_effort && contains(model, "opus");
  return has_effort ? thinking_form::budget_and_effort : thinking_form::budget;
}

result<void> check_anthropic_thinking(const chat_request& chat, std::string_view model) {
  const auto budget = budget_of(chat, model);
  if (budget == 0 || !chat.max_tokens || *chat.max_tokens > budget) return {};
  std::string message = "max_tokens is ";
  message.append(std::to_string(*chat.max_tokens))
      .append("; ")
      .append(model)
      .append(
          " thinks with at least 1024 of them, so with reasoning_effort or show_reasoning it must be at least 1025");
  return error{.code = errc::invalid_option, .message = std::move(message)};
}

std::int64_t anthropic_max_tokens_of(const chat_request& chat, std::string_view model) {
  return chat.max_tokens.value_or(anthropic_max_tokens + budget_of(chat, model));
}

void write_anthropic_thinking(json_writer& to, const chat_request& chat, std::string_view model) {
  write_thinking(to, chat, model);
  const auto form = thinking_form_of(model);
  const bool has_effort = form != thinking_form::budget && chat.reasoning_effort && thinks(chat);
  if (!has_effort && !chat.output) return;
  to.key("output_config").begin_object();
  if (has_effort) to.field("effort", effort_name(*chat.reasoning_effort, form));
  if (chat.output) {
    to.key("format").begin_object().field("type", "json_schema").key("schema").raw(chat.output->schema).end_object();
  }
  to.end_object();
}

}  // namespace warmwire::providers

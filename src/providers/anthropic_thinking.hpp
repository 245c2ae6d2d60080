// How each of Anthropic's models is asked to think. Pure.
#pragma once

#include "providers/json_writer.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>

#include <cstdint>
#include <string_view>

namespace warmwire::providers {

/// What `max_tokens` is when nobody says, without what is thought: the API demands one.
inline constexpr std::int64_t anthropic_max_tokens = 8192;

/// What a model takes, told by its name: Claude before 4.6 a number of tokens (Opus 4.5 an effort beside it), later
/// ones, and names that are not known, an effort alone.
enum class thinking_form : std::uint8_t { budget, budget_and_effort, adaptive };

[[nodiscard]] thinking_form thinking_form_of(std::string_view model) noexcept;

/// A budget is a part of `max_tokens`. Errors: `invalid_option`, when the least that there is does not fit.
[[nodiscard]] result<void> check_anthropic_thinking(const chat_request& chat, std::string_view model);

/// The caller's `max_tokens`, or else `anthropic_max_tokens` and the budget.
[[nodiscard]] std::int64_t anthropic_max_tokens_of(const chat_request& chat, std::string_view model);

/// The fields `thinking` and `output_config`, where there is something to say. The chat was checked.
void write_anthropic_thinking(json_writer& to, const chat_request& chat, std::string_view model);

}  // namespace warmwire::providers

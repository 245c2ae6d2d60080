// Whether a chat can be sent at all, asked before anything is written. Pure.
#pragma once

#include "providers/provider_config.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>

namespace warmwire::providers {

/// The model is not looked at, see `check_model`.
/// Errors: `invalid_option`, naming the field, the value and the range, or what the API does not have.
[[nodiscard]] result<void> check_chat(const chat_request& chat, const provider_config& config);
[[nodiscard]] result<void> check_embed(const embed_request& what);

}  // namespace warmwire::providers

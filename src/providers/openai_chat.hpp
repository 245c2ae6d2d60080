// OpenAI's Chat Completions as plain requests and responses. Pure: no socket, no clock.
#pragma once

#include "providers/openai_config.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>
#include <warmwire/request.hpp>

namespace warmwire::providers {

/// The request that asks for one whole answer. Errors: `invalid_option`, naming the field, the value and the
/// range.
[[nodiscard]] result<request> encode_chat(const openai_config& config, const chat_request& chat);

/// The answer of a success, or else the error that the provider reports. Fields that are not known are
/// ignored. Errors: those of `decode_error`, and `unexpected_body` naming what is missing or of the wrong
/// kind.
[[nodiscard]] result<chat_reply> decode_chat(const openai_config& config, response&& answer);

}  // namespace warmwire::providers

// The calls of every provider as plain requests and responses: one function for each, whatever the API. Pure.
#pragma once

#include "providers/delivery.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>
#include <warmwire/models.hpp>
#include <warmwire/request.hpp>

#include <cstddef>
#include <optional>

namespace warmwire::providers {

class json_document;
class reply_builder;

/// The request for an answer. Errors: `invalid_option`, naming the field, the value and the range.
[[nodiscard]] result<request> encode_chat(const provider_config& config, const chat_request& chat, delivery how);

/// Takes the answer of a success that came whole. Gives the error, as `decode_chat`, or nothing when all is well.
/// `parsed` is the answer's body where that was read before, here and below.
[[nodiscard]] std::optional<error> read_chat(const provider_config& config, const response& answer, reply_builder& to,
                                             const json_document* parsed = nullptr);

/// The answer of a success that came whole, or else the error that the provider reports. Fields that are not known are
/// ignored. Errors: those of `decode_error`, `response_too_large`, and `unexpected_body` naming what is missing or of
/// the wrong kind.
[[nodiscard]] result<chat_reply> decode_chat(const provider_config& config, response&& answer,
                                             const json_document* parsed = nullptr);

/// Errors: `invalid_option`, `unsupported_call`.
[[nodiscard]] result<request> encode_embed(const provider_config& config, const embed_request& what);
/// Errors as `decode_chat`; `expected` is how many texts were sent.
[[nodiscard]] result<embed_reply> decode_embed(const provider_config& config, std::size_t expected, response&& answer,
                                               const json_document* parsed = nullptr);

[[nodiscard]] result<request> encode_models(const provider_config& config, const models_request& what);
[[nodiscard]] result<model_list> decode_models(const provider_config& config, response&& answer,
                                               const json_document* parsed = nullptr);

/// Errors: `invalid_option`, `unsupported_call`.
[[nodiscard]] result<request> encode_count(const provider_config& config, const chat_request& chat);
[[nodiscard]] result<token_count> decode_count(const provider_config& config, response&& answer,
                                               const json_document* parsed = nullptr);

}  // namespace warmwire::providers

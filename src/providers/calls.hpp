// The calls of every provider as plain requests and responses: one function for each, whatever the API. Pure.
#pragma once

#include "providers/answer_choices.hpp"
#include "providers/delivery.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/chat.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>
#include <warmwire/models.hpp>
#include <warmwire/request.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace warmwire::providers {

class json_document;
class reply_builder;

/// The request for an answer. Errors: `invalid_option`, naming the field, the value and the range.
[[nodiscard]] result<request> encode_chat(const provider_config& config, const chat_request& chat, delivery how);

/// How many answers a request asks for, by its `extra_json`.
[[nodiscard]] answer_choices choices_of(const chat_request& chat);

/// Takes the answer of a success that came whole. Gives the error, as `decode_chat`, or nothing when all is well.
/// `parsed` is the answer's body where that was read before, here and below.
[[nodiscard]] std::optional<error> read_chat(const provider_config& config, const response& answer,
                                             answer_choices asked, reply_builder& to,
                                             const json_document* parsed = nullptr);

/// The answer of a success that came whole, or else the error that the provider reports. Fields that are not known are
/// ignored. Errors: those of `decode_error`, `response_too_large`, and `unexpected_body` naming what is missing or of
/// the wrong kind. An event stream that nobody asked for is read as one: its errors are those of `chat_stream`.
[[nodiscard]] result<chat_reply> decode_chat(const provider_config& config, response&& answer,
                                             answer_choices asked = answer_choices::one,
                                             const json_document* parsed = nullptr);

/// How OpenAI's API is asked for the numbers of a vector. Servers that refuse base64 send floats when nothing is said.
enum class vector_form : std::uint8_t { base64, unsaid };

/// Errors: `invalid_option`, `unsupported_call`.
[[nodiscard]] result<request> encode_embed(const provider_config& config, const embed_request& what,
                                           vector_form form = vector_form::base64);
/// Whether an answer says that it is the form that it does not take.
[[nodiscard]] bool refuses_base64(const error& reason);
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

// What providers answer made into errors: bounded, printable, and without the secrets that they may echo. Pure.
#pragma once

#include "providers/error_words.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provider_answer.hpp>
#include <warmwire/request.hpp>

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace warmwire::providers {

/// The response with what its headers say.
[[nodiscard]] provider_answer answer_of(response&& from);

/// Moves the same into a reply.
template <class Reply>
void take_answer(Reply& to, response&& from) {
  static_cast<provider_answer&>(to) = answer_of(std::move(from));
}

/// What a peer said that could not be read, in quotes: bounded, printable, and without secrets.
[[nodiscard]] std::string quoted(const provider_config& config, std::string_view text);

/// What a response that is not a success means: the code by its status, and the provider's own words where its body
/// has them. A body that has none (a proxy's page, half a body, no body) is described in the message, and so is the
/// place that a redirect points to.
[[nodiscard]] error decode_error(const provider_config& config, provider_answer answer);

/// An error that came inside of a success, whole or in a stream. See `code_for_words`.
[[nodiscard]] error error_in_success(const provider_config& config, provider_answer answer, error_words words);

/// A success whose body is not what is documented; `what` says in which way, and holds nothing of the peer's.
[[nodiscard]] error unexpected_body(const provider_config& config, provider_answer answer, std::string what);

/// A body whose content coding could not be taken off, of any status; `why` tells what is wrong with it.
[[nodiscard]] error unreadable_body(const provider_config& config, provider_answer answer, const error& why);

/// More text, or more tool calls, than is kept: `response_too_large`.
[[nodiscard]] error too_large(const provider_config& config, provider_answer answer);

/// JSON that goes beyond `client_options::max_json_bytes`, or its number of values: `response_too_large`.
[[nodiscard]] error too_large_to_read(const provider_config& config, provider_answer answer);

/// The provider has no such call: `unsupported_call`.
[[nodiscard]] error unsupported(const provider_config& config, std::string_view call);

}  // namespace warmwire::providers

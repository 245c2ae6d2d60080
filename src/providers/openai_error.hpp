// The errors of OpenAI's API, and of the many servers that speak it more or less. Pure.
#pragma once

#include "providers/openai_config.hpp"

#include <warmwire/error.hpp>
#include <warmwire/request.hpp>

#include <boost/json/fwd.hpp>

#include <string>

namespace warmwire::providers {

/// What a response that is not a success means: the code by its status, and the provider's own words where
/// its body has them. A body that has none (a proxy's page, half a body, no body) is described in the
/// message.
[[nodiscard]] error decode_error(const openai_config& config, const response& answer);

/// The `error` that came inside of a success: its code is by the number in `code` where that is a status,
/// otherwise `server_error`.
[[nodiscard]] error decode_error_in_success(const openai_config& config, const response& answer,
                                            const boost::json::object& body);

/// A success whose body is not what is documented; `what` says in which way.
[[nodiscard]] error unexpected_body(const openai_config& config, const response& answer, std::string what);

/// The value of a field as text: a string as it is, a number in digits, null and a missing one as nothing.
[[nodiscard]] std::string text_of(const boost::json::object& from, const char* field);

}  // namespace warmwire::providers

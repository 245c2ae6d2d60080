// How answers of Chat Completions go back: what a server put beside text and calls, kept and written as it came. Pure.
#pragma once

#include "providers/delivery.hpp"
#include "providers/json_writer.hpp"
#include "providers/reply_builder.hpp"

#include <warmwire/message.hpp>

#include <boost/json/fwd.hpp>

#include <string_view>
#include <vector>

namespace warmwire::providers {

/// An answer, to the server that gave it.
void write_own_openai_message(json_writer& to, const message& from);
/// `extra` is the call's, or empty where another server is asked.
void write_openai_call(json_writer& to, const tool_call& call, std::string_view extra);
/// A result of a call that came in the form of old goes back in it.
void write_openai_result(json_writer& to, const std::vector<message>& messages, const tool_result& result,
                         std::string_view asked);

/// Takes what goes back of a message that came whole, or of a delta, beside its text and its calls.
void take_openai_fields(const boost::json::object& message, delivery how, reply_builder& to);
/// What a call has beside its id, name and arguments.
[[nodiscard]] boost::json::object rest_of_openai_call(const boost::json::object& call);

}  // namespace warmwire::providers

// Whether messages can be sent, and how they are read by those who write them. Pure.
#pragma once

#include "providers/profile.hpp"

#include <warmwire/error.hpp>
#include <warmwire/message.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers {

/// Errors: `invalid_option`, naming the message, the part and what is wrong with it.
[[nodiscard]] result<void> check_messages(const std::vector<message>& messages, wire_api api);

/// The arguments of a call as JSON, for those who do not know OpenAI's custom tools, which take a text of any form.
[[nodiscard]] std::string json_arguments_of(const tool_call& call);

/// All text of a message in its order.
[[nodiscard]] std::string text_in(const message& from);

/// All text of the system messages, wherever they stand, a blank line between them.
[[nodiscard]] std::string system_text(const std::vector<message>& messages);

template <class Part>
[[nodiscard]] std::vector<const Part*> parts_in(const message& from) {
  std::vector<const Part*> out;
  for (const auto& each : from.parts) {
    if (const auto* part = std::get_if<Part>(&each)) out.push_back(part);
  }
  return out;
}

/// The messages that are no system's, in groups that go out as one: results of tools belong together, with what the
/// user says right after them.
[[nodiscard]] std::vector<std::vector<const message*>> turns_of(const std::vector<message>& messages);

/// The name of the tool whose result this is; empty when neither it nor the conversation tells.
[[nodiscard]] std::string_view tool_name(const std::vector<message>& messages, const tool_result& result);

}  // namespace warmwire::providers

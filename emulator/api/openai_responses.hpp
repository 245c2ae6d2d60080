// OpenAI's Responses: the request, checked, and its answer, whole and as named events. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/api/dialogue.hpp"
#include "emulator/api/server_kind.hpp"
#include "emulator/events/stream_event.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace warmwire::emulator {

struct responses_input {
  dialogue asked{};
  bool has_summary = false;  ///< the reasoning is to be shown
  json::object echoed{};     ///< fields of the request that the response repeats
};

/// Reads the body of `POST …/responses`, or says what the API would say about it.
[[nodiscard]] std::variant<responses_input, api_error> read_responses(std::string_view body, const api_call& call);

/// The response object.
[[nodiscard]] json::object response_json(const responses_input& input, std::uint64_t number);

/// `response.created` to `response.completed` or `response.incomplete`.
[[nodiscard]] event_stream response_stream(const responses_input& input, std::uint64_t number);

}  // namespace warmwire::emulator

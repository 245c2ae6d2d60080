// What is said to a request when the script has changed it, whatever the protocol; and how the report takes note of a
// request. Lives on the server's executor.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/behaviour.hpp"
#include "emulator/connection.hpp"
#include "emulator/request.hpp"

#include <cstdint>
#include <optional>

namespace warmwire::emulator {

/// A request, the number it has, and what the script makes of it.
struct scripted_request {
  const request& what;
  std::uint64_t number = 0;
  const behaviour& asked;
};

[[nodiscard]] answer make_answer(const scripted_request& served, const session_surroundings& shared);

/// How many bytes of the body are sent, when the script ends it before its end. What only HTTP/2 has comes first.
[[nodiscard]] std::optional<std::uint64_t> cut_of(const answer& said, const behaviour& told);

/// Counts the request, and keeps it if the server is to.
void record_request(connection& of, const scripted_request& seen, bool is_complete, std::int32_t stream = 0);

}  // namespace warmwire::emulator

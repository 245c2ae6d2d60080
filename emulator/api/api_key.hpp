// Whether a request brings the key that its server wants. Pure functions, any thread.
#pragma once

#include "emulator/api/api_error.hpp"
#include "emulator/request.hpp"

#include <optional>

namespace warmwire::emulator {

/// Any key will do but those that contain "wrong". It is in the server's own field or a bearer token.
[[nodiscard]] std::optional<api_error> check_key(const request& what, const server_kind& as);

}  // namespace warmwire::emulator

// An error of a connection in one line: where it happened is added by whoever knows the request's phase.
#pragma once

#include <warmwire/error.hpp>

#include <string>
#include <utility>

namespace warmwire::connection {

[[nodiscard]] inline error failure(errc code, std::string message) {
  error reason;
  reason.code = code;
  reason.message = std::move(message);
  return reason;
}

}  // namespace warmwire::connection

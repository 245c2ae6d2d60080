// An error in one line.
#pragma once

#include <warmwire/error.hpp>

#include <string>
#include <utility>

namespace warmwire::detail {

inline error make_error(errc code, phase where, std::string message) {
  error reason;
  reason.code = code;
  reason.phase = where;
  reason.message = std::move(message);
  return reason;
}

}  // namespace warmwire::detail

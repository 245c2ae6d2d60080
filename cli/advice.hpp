// What to tell the person at the terminal about an error.
#pragma once

#include <warmwire/error.hpp>

#include <string>

namespace warmwire::cli {

/// Whether the command line is to blame.
[[nodiscard]] bool is_wrong_usage(errc code);

/// What to do about an error, in one sentence; empty where its own message says it.
[[nodiscard]] std::string advice(const error& reason);

}  // namespace warmwire::cli

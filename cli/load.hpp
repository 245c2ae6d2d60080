// `warmwire load`: many callers at once for a while, then the figures and a leak check.
#pragma once

#include "cli/command.hpp"

namespace warmwire::cli {

[[nodiscard]] command declare_load(CLI::App& program);

}  // namespace warmwire::cli

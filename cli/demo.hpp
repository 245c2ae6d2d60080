// `warmwire demo`: what warm connections are good for, shown on this machine alone.
#pragma once

#include "cli/command.hpp"

namespace warmwire::cli {

[[nodiscard]] command declare_demo(CLI::App& program);

}  // namespace warmwire::cli

// `warmwire bench`: pooled calls against unpooled ones, over a range of round-trip times.
#pragma once

#include "cli/command.hpp"

namespace warmwire::cli {

[[nodiscard]] command declare_bench(CLI::App& program);

}  // namespace warmwire::cli

// `warmwire chat`: one question, one answer.
#pragma once

#include "cli/command.hpp"

namespace warmwire::cli {

[[nodiscard]] command declare_chat(CLI::App& program);

}  // namespace warmwire::cli

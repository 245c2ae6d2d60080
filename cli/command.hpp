// What main.cpp and the files of the commands agree on. Each command has one file, `NAME.hpp` and `NAME.cpp`,
// with a function `command declare_NAME(CLI::App& program)` that main.cpp calls; nothing registers itself.
#pragma once

#include <CLI/App.hpp>
// An App's inline constructor makes one of each.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <functional>
#include <stdexcept>

namespace warmwire::cli {

/// Exit codes of every command.
inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;  ///< the command ran and failed
inline constexpr int exit_usage = 2;    ///< the command line is wrong

/// One subcommand: what it accepts and what it does.
struct command {
  CLI::App* usage = nullptr;  ///< owned by the program; its options write into state that `run` holds
  std::function<int()> run;   ///< called once, after parsing, if the command was chosen; returns the exit code
};

/// Thrown by `run` when options that parsed one by one do not go together: printed, then exit code 2.
/// Any other std::exception out of `run` is printed and gives exit code 1.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace warmwire::cli

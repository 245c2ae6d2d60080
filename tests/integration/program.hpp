// Runs the built program as a user would, and collects what it says.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace warmwire {

struct program_run {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment{};  ///< over ours, of which every provider's variables are left out
  std::string input{};
  std::string program{};  ///< its path; empty: warmwire
};

struct program_outcome {
  int exit_code = -1;  ///< minus the signal's number when one ended it
  std::string output;
  std::string errors;
};

/// Blocks until the program has ended.
[[nodiscard]] program_outcome run_program(const program_run& what);

}  // namespace warmwire

// The built-in emulator in a process of its own, so that its sockets and its CPU are not those of what is measured.
#pragma once

#include "emulator/emulator.hpp"

#include <string>
#include <sys/types.h>

namespace warmwire::cli {

/// Lives as long as this object, and no longer than this process however that ends: the child waits for the end of a
/// pipe. Forks, so make it before the program has threads.
class emulator_process {
 public:
  /// Returns when the emulator accepts connections; throws std::runtime_error with its reason when it cannot.
  explicit emulator_process(const emulator::emulator_options& options);
  emulator_process(const emulator_process&) = delete;
  emulator_process& operator=(const emulator_process&) = delete;
  ~emulator_process();

  [[nodiscard]] const std::string& base_url() const noexcept { return base_url_; }
  [[nodiscard]] const std::string& ca_file() const noexcept { return ca_file_; }

 private:
  pid_t child_ = -1;
  int lifeline_ = -1;
  std::string base_url_;
  std::string ca_file_;
};

}  // namespace warmwire::cli

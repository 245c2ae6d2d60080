// A private directory that is removed, with all in it, when its owner goes. Any thread, one at a time.
#pragma once

#include <string>
#include <string_view>

namespace warmwire::emulator {

class temporary_directory {
 public:
  /// Makes it below $TMPDIR or /tmp, for this user only; throws std::system_error when it cannot.
  temporary_directory();
  ~temporary_directory();
  temporary_directory(temporary_directory&& other) noexcept;
  temporary_directory& operator=(temporary_directory&& other) noexcept;

  /// Writes a file and returns its path; throws std::system_error when it cannot.
  std::string write(std::string_view name, std::string_view content) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace warmwire::emulator

// The warmwire program as a child of a test that watches it while it runs; see program.hpp for one that just ends.
#pragma once

#include "tests/integration/program.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace warmwire::cli {

class child_program {
 public:
  explicit child_program(std::vector<std::string> arguments);
  ~child_program();  ///< kills it if it still runs
  child_program(const child_program&) = delete;
  child_program& operator=(const child_program&) = delete;

  /// Reads standard output until it holds `text`; false when it ended before.
  bool wait_for_output(const std::string& text);
  /// The same for standard error.
  bool wait_for_errors(const std::string& text);
  [[nodiscard]] const std::string& output() const { return out_.text; }
  [[nodiscard]] const std::string& errors() const { return err_.text; }

  void send_signal(int signal) const;
  /// Waits for its end.
  program_outcome finish();

 private:
  struct pipe_end {
    int descriptor = -1;
    std::string text{};
    bool read_more();
  };

  pid_t process_ = -1;
  pipe_end out_;
  pipe_end err_;
};

}  // namespace warmwire::cli

// Tells a process from its forks, for the cost of reading a byte: the kernel wipes the byte in a child.
#pragma once

#include <sys/types.h>

namespace warmwire::net {

class fork_mark {
 public:
  fork_mark();
  fork_mark(const fork_mark&) = delete;
  fork_mark& operator=(const fork_mark&) = delete;
  ~fork_mark();

  /// This process is a fork of the one that made the mark: the sockets that came along are not its own. Any thread.
  [[nodiscard]] bool is_child() const noexcept;

 private:
  const pid_t owner_;
  unsigned char* page_ = nullptr;  // wiped in a child; none where the kernel cannot (before Linux 4.14)
};

}  // namespace warmwire::net

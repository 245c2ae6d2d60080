// A server program as the child of a test: it listens on a port of 127.0.0.1 that is its own, and it is ended, with
// every process that it started, when its owner goes. One thread, which must outlive it: the kernel ends the program
// when the thread that started it is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace warmwire::test {

/// A program, by its path, and its arguments.
struct peer_command {
  std::string program;
  std::vector<std::string> arguments;
};

/// The path of an installed program, or of one that tools/servers.sh unpacked: searched for in PATH and in the folders
/// that only root's PATH has.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

/// Runs a command to its end and returns its exit status, negative for a signal; what it said goes to `said`.
int run_command(const peer_command& command, std::string* said = nullptr);

/// Keeps a free port of 127.0.0.1 from everyone but a server that binds it with SO_REUSEADDR, as all of ours do.
class reserved_port {
 public:
  reserved_port();  ///< throws std::system_error
  ~reserved_port();
  reserved_port(reserved_port&& other) noexcept;
  reserved_port& operator=(reserved_port&&) = delete;

  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

 private:
  int socket_ = -1;
  std::uint16_t number_ = 0;
};

class peer_process {
 public:
  /// Starts what `make` returns for a port and waits until it accepts connections there. Output goes to a file in
  /// `directory`, where the program may leave further ones named *.log. Throws std::runtime_error with all of these
  /// when it ends or is silent instead.
  peer_process(std::string directory, const std::function<peer_command(std::uint16_t port)>& make);
  ~peer_process();  ///< `stop`
  peer_process(peer_process&& other) noexcept;
  peer_process& operator=(peer_process&&) = delete;

  /// SIGTERM, SIGKILL for what is left after some seconds, and no zombie remains. Twice is fine.
  void stop();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_.number(); }
  [[nodiscard]] pid_t id() const noexcept { return process_; }
  /// The end of each of its logs, for the message of a failure.
  [[nodiscard]] std::string logs() const;

 private:
  [[nodiscard]] bool has_ended(int wait_milliseconds) const;
  [[nodiscard]] bool accepts() const;
  void wait_until_it_listens();

  std::string directory_;
  reserved_port port_;
  pid_t process_ = -1;
  int handle_ = -1;  ///< a pidfd: becomes readable when the process ends
};

}  // namespace warmwire::test

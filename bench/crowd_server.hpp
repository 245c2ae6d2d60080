// A TLS server in a process of its own, so that its memory is not counted: takes a crowd of connections, answers all of
// them once each has sent something, and then keeps them open.
#pragma once

#include "emulator/certificates.hpp"
#include "emulator/temporary_directory.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

namespace warmwire::bench {

/// Owns the process: it ends with its owner.
class crowd_server {
 public:
  explicit crowd_server(std::size_t crowd);
  ~crowd_server();
  crowd_server(const crowd_server&) = delete;
  crowd_server& operator=(const crowd_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const std::string& ca_file() const noexcept { return ca_file_; }
  [[nodiscard]] static std::string answer();

 private:
  emulator::authority authority_;
  emulator::identity identity_ = authority_.issue();
  emulator::temporary_directory files_;
  std::string ca_file_ = files_.write("ca.pem", authority_.pem());
  std::uint16_t port_ = 0;
  ::pid_t process_ = -1;
};

}  // namespace warmwire::bench

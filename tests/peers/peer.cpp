// A running server with what it needs on disk.
#include "tests/peers/peer.hpp"

#include "emulator/certificates.hpp"

#include <pwd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace warmwire::test {

peer_files::peer_files() {
  const emulator::authority authority;
  const auto server = authority.issue();
  ca_ = write("ca.pem", authority.pem());
  certificate_ = write("certificate.pem", server.certificate_pem);
  key_ = write("key.pem", server.key_pem);
}

std::string peer_files::read(std::string_view name) const {
  std::ifstream in(std::string(directory()).append("/").append(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string peer::origin(std::string_view scheme, std::string_view host) const {
  return std::string(scheme).append("://").append(host).append(":").append(std::to_string(port()));
}

void peer_test::SetUp() {
  for (const auto& program : programs_) {
    if (!find_program(program))
      GTEST_SKIP() << program << " is not there; ./dev test unpacks it on Debian, where the release has it";
  }
}

std::string installed(const std::string& program) {
  const auto path = find_program(program);
  if (!path) throw std::runtime_error(program + " is not installed");
  return *path;
}

std::string invoking_user() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

}  // namespace warmwire::test

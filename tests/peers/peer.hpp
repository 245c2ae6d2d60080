// A running server with what it needs on disk: a directory of its own, and certificates that only its client trusts.
#pragma once

#include "emulator/temporary_directory.hpp"
#include "tests/peers/peer_process.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::test {

/// Where a peer finds its files; made before it starts.
class peer_files {
 public:
  peer_files();

  [[nodiscard]] const std::string& directory() const noexcept { return directory_.path(); }
  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view content) const { return directory_.write(name, content); }
  /// The whole of a file, empty when there is none.
  [[nodiscard]] std::string read(std::string_view name) const;

  [[nodiscard]] const std::string& ca() const noexcept { return ca_; }
  [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  emulator::temporary_directory directory_;
  std::string ca_;
  std::string certificate_;
  std::string key_;
};

/// A server program and its files.
class peer {
 public:
  using command_maker = std::function<peer_command(const peer_files&, std::uint16_t port)>;

  explicit peer(const command_maker& make)
      : process_(files_.directory(), [&](std::uint16_t port) { return make(files_, port); }) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return process_.port(); }
  /// "https://127.0.0.1:8443"
  [[nodiscard]] std::string origin(std::string_view scheme = "https", std::string_view host = "127.0.0.1") const;
  [[nodiscard]] const peer_files& files() const noexcept { return files_; }
  [[nodiscard]] std::string logs() const { return process_.logs(); }
  void stop() { process_.stop(); }

 private:
  peer_files files_;
  peer_process process_;
};

/// A test that is skipped, saying so, when one of the programs it needs is not installed.
class peer_test : public ::testing::Test {
 protected:
  explicit peer_test(std::vector<std::string> programs) : programs_(std::move(programs)) {}
  void SetUp() override;

 private:
  std::vector<std::string> programs_;
};

/// The path of a program that the test's fixture has found.
[[nodiscard]] std::string installed(const std::string& program);

/// The name of the user that runs the tests: servers that change their user when started as root stay who they are.
[[nodiscard]] std::string invoking_user();

}  // namespace warmwire::test

// The script in force and how often each of its rules has matched. Any thread.
#pragma once

#include "emulator/behaviour.hpp"
#include "emulator/script.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

class script_book {
 public:
  /// Throws std::invalid_argument when a rule contradicts itself.
  explicit script_book(script rules);

  /// Replaces the script, with fresh counts of matches; throws as the constructor.
  void replace(script rules);

  /// What to do with a new connection: nothing, or what happens at `accept` or `handshake`.
  [[nodiscard]] std::optional<fault::end> on_connection(std::uint64_t connection);

  struct arrival {
    std::uint64_t request = 0;
    std::uint64_t connection = 0;
    std::uint64_t connection_request = 0;
    std::string_view target;
  };
  [[nodiscard]] behaviour on_request(const arrival& seen);

 private:
  std::mutex mutex_;
  script script_;
  std::vector<std::uint64_t> matches_;
};

}  // namespace warmwire::emulator

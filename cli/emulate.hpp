// warmwire emulate: the provider emulator as a server of its own.
#pragma once

#include "cli/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::cli {

command declare_emulate(CLI::App& program);

struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};

/// Reads "127.0.0.1:8443" or "[::1]:0".
[[nodiscard]] std::optional<listen_address> parse_listen_address(std::string_view text);

}  // namespace warmwire::cli

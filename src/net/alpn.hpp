// The protocols of HTTP that a connection can speak, and their names in TLS (RFC 7301 §6). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::net {

enum class protocol : std::uint8_t { http1, h2 };

/// In order of preference.
using protocols = std::vector<protocol>;

/// "http/1.1" or "h2".
[[nodiscard]] std::string_view to_string(protocol which) noexcept;
[[nodiscard]] std::optional<protocol> protocol_named(std::string_view name) noexcept;

/// What is spoken when the server picked `picked`, an empty name for nothing, of what was offered: nothing if it was
/// not offered, HTTP/1.1 if that was offered and nothing picked. An empty offer stands for HTTP/1.1.
[[nodiscard]] std::optional<protocol> agreed(std::string_view picked, std::span<const protocol> offered) noexcept;

/// A ProtocolNameList without its length, as OpenSSL wants it (RFC 7301 §3.1).
[[nodiscard]] std::string on_the_wire(std::span<const protocol> offered);

}  // namespace warmwire::net

// HTTP/2's error codes in words (RFC 9113 §7). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::connection {

/// "REFUSED_STREAM"; "error 0x1f" for a code that has no name.
[[nodiscard]] std::string h2_code_name(std::uint32_t code);

/// What a connection error of that code says about the peer, to follow "the server": "sent a frame where …".
[[nodiscard]] std::string_view h2_offence(std::uint32_t code) noexcept;

}  // namespace warmwire::connection

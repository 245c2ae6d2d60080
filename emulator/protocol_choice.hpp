// Which versions of HTTP the server speaks.
#pragma once

#include <cstdint>

namespace warmwire::emulator {

enum class protocol_choice : std::uint8_t {
  both,   ///< HTTP/2 for who chooses it by ALPN, or without TLS by its preface; HTTP/1.1 for everyone else
  http1,  ///< HTTP/1.1 alone
  http2,  ///< HTTP/2 alone: with TLS too, a client without ALPN has to begin with the preface
};

}  // namespace warmwire::emulator

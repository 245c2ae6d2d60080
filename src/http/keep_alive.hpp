// What a response says about the future of its HTTP/1 connection. Pure.
#pragma once

#include <warmwire/headers.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace warmwire::http {

enum class version : std::uint8_t { http_1_0, http_1_1 };

struct keep_alive {
  bool is_persistent = true;                      ///< RFC 9112 §9.3; `close` wins over `keep-alive`
  std::optional<std::chrono::seconds> timeout{};  ///< `Keep-Alive: timeout=`, at most `max_timeout`
  std::optional<std::uint64_t> max_requests{};    ///< `Keep-Alive: max=`
};

inline constexpr std::chrono::seconds max_timeout = std::chrono::hours(24 * 365);

/// Reads Connection, Proxy-Connection and Keep-Alive. What is not understood is ignored; of several values the smallest
/// counts.
[[nodiscard]] keep_alive parse_keep_alive(version of, const headers& fields);

}  // namespace warmwire::http

// OpenSSL's error queue as std::error_code. Any thread: the queue is the thread's own.
#pragma once

#include <string>
#include <system_error>

namespace warmwire::net {

/// Codes are OpenSSL's packed ones; the text is its reason, such as "tlsv1 alert protocol version".
[[nodiscard]] const std::error_category& tls_category() noexcept;

/// Takes the first error of the queue and clears the rest. With an empty queue: a code that says so.
[[nodiscard]] std::error_code take_tls_error() noexcept;

}  // namespace warmwire::net

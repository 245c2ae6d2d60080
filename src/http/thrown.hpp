// What was thrown, as the error of the call that it has ended. No state; any thread.
#pragma once

#include <warmwire/error.hpp>

#include <exception>

namespace warmwire::http {

/// `internal`, with the words of the exception where memory allows; a `warmwire::exception` is the error it holds.
[[nodiscard]] error error_of(const std::exception_ptr& thrown) noexcept;

}  // namespace warmwire::http

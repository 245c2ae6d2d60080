// Which errors the faults of the soak may cause, and what each has to say.
#pragma once

#include <warmwire/error.hpp>

#include <string>
#include <string_view>

namespace warmwire::test {

/// What is wrong with that error for a request over `protocol`; empty when nothing is.
[[nodiscard]] std::string find_fault_with(const error& failure, std::string_view protocol);

}  // namespace warmwire::test

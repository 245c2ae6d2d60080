// A page of a list of models. Pure functions, any thread.
#pragma once

#include "emulator/request.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace warmwire::emulator {

struct model_page {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The value of a parameter in the target's query, as it stands there; empty when there is none.
[[nodiscard]] std::string_view query_value(const request& what, std::string_view name);

/// A page of `count` models that begins at `begin`; `size` is the query's word, all of them when it is no number.
[[nodiscard]] model_page page_of(std::size_t count, std::size_t begin, std::string_view size);

}  // namespace warmwire::emulator

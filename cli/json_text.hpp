// JSON as the commands print it: numbers as people write them (60.0, not 6E1).
#pragma once

#include <boost/json/fwd.hpp>

#include <string>

namespace warmwire::cli {

/// One line without a line break.
[[nodiscard]] std::string json_text(const boost::json::value& value);

/// `value` with at most three decimals, for milliseconds and percentages.
[[nodiscard]] double rounded(double value);

/// A whole number where `value` is one.
[[nodiscard]] boost::json::value number(double value);

}  // namespace warmwire::cli

// What is told of a stream that is held for longer than `pool_options::report_lease_after`.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace WARMWIRE_PUBLIC warmwire {

/// Reported once while the stream is held, and once more when it comes back: of a leak the second never comes.
struct long_lease {
  std::string provider;
  std::string origin;
  std::string tag;  ///< of the request that holds the stream
  std::uint64_t connection_id = 0;
  std::chrono::milliseconds held_for{};
  bool is_back = false;

  /// One line: "long lease: openai https://api.openai.com connection 7 held for 900 s by report-17".
  [[nodiscard]] std::string to_string() const;
};

}  // namespace warmwire

#include "tests/soak/failures.hpp"

#include <algorithm>
#include <array>

namespace warmwire::test {
namespace {

/// What may become of a request when the server misbehaves as the soak lets it.
constexpr std::array expected{
    errc::pool_acquire_timeout, errc::connect_failed,     errc::connect_timeout,    errc::tls_failed,
    errc::tls_timeout,          errc::connection_lost,    errc::inactivity_timeout, errc::stream_idle_timeout,
    errc::deadline_exceeded,    errc::stream_interrupted, errc::malformed_response, errc::header_section_too_large,
    errc::conflicting_length,   errc::invalid_chunk,      errc::http2_violation,    errc::stream_refused,
    errc::stream_reset,
};

constexpr std::array only_over_http2{errc::http2_violation, errc::stream_refused, errc::stream_reset};

template <class Codes>
bool has(const Codes& codes, errc code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// A sentence in which something is said of something, and what was seen of it.
bool names_what_happened(std::string_view message) {
  return std::count(message.begin(), message.end(), ' ') >= 3 && message.find(": :") == std::string_view::npos &&
         !message.ends_with(' ') && !message.ends_with(':');
}

}  // namespace

std::string find_fault_with(const error& failure, std::string_view protocol) {
  if (!has(expected, failure.code)) return "nothing that the server does ends in this";
  if (protocol != "h2" && has(only_over_http2, failure.code)) return "this is of HTTP/2";
  if (failure.phase == phase::none) return "it does not say in which phase";
  if (!names_what_happened(failure.message)) return "it does not name what happened";
  if (failure.code == errc::pool_acquire_timeout && !failure.pool) return "there is no evidence of the pool";
  return "";
}

}  // namespace warmwire::test

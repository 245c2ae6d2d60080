#include "text/printable.hpp"

#include <warmwire/error.hpp>

#include <cassert>
#include <utility>

namespace warmwire {
namespace {

constexpr std::size_t longest_message_shown = 8'000;
constexpr std::size_t longest_id_shown = 200;

}  // namespace

// One case per value and no default: the compiler names the one that is missing.
std::string_view to_string(errc code) noexcept {
  switch (code) {
    // clang-format off
    case errc::invalid_option: return "invalid_option";
    case errc::invalid_url: return "invalid_url";
    case errc::unsupported_scheme: return "unsupported_scheme";
    case errc::invalid_header: return "invalid_header";
    case errc::request_too_large: return "request_too_large";
    case errc::request_body_failed: return "request_body_failed";
    case errc::missing_api_key: return "missing_api_key";
    case errc::pool_overflow: return "pool_overflow";
    case errc::pool_acquire_timeout: return "pool_acquire_timeout";
    case errc::pool_closed: return "pool_closed";
    case errc::forked: return "forked";
    case errc::would_deadlock: return "would_deadlock";
    case errc::resolve_failed: return "resolve_failed";
    case errc::connect_failed: return "connect_failed";
    case errc::connect_timeout: return "connect_timeout";
    case errc::tls_failed: return "tls_failed";
    case errc::tls_timeout: return "tls_timeout";
    case errc::certificate_expired: return "certificate_expired";
    case errc::certificate_self_signed: return "certificate_self_signed";
    case errc::certificate_wrong_host: return "certificate_wrong_host";
    case errc::certificate_unknown_authority: return "certificate_unknown_authority";
    case errc::certificate_invalid: return "certificate_invalid";
    case errc::proxy_failed: return "proxy_failed";
    case errc::proxy_authentication: return "proxy_authentication";
    case errc::protocol_unavailable: return "protocol_unavailable";
    case errc::connection_lost: return "connection_lost";
    case errc::inactivity_timeout: return "inactivity_timeout";
    case errc::stream_idle_timeout: return "stream_idle_timeout";
    case errc::deadline_exceeded: return "deadline_exceeded";
    case errc::cancelled: return "cancelled";
    case errc::stream_interrupted: return "stream_interrupted";
    case errc::malformed_response: return "malformed_response";
    case errc::header_section_too_large: return "header_section_too_large";
    case errc::conflicting_length: return "conflicting_length";
    case errc::invalid_chunk: return "invalid_chunk";
    case errc::response_too_large: return "response_too_large";
    case errc::http2_violation: return "http2_violation";
    case errc::stream_refused: return "stream_refused";
    case errc::stream_reset: return "stream_reset";
    case errc::internal: return "internal";
    case errc::bad_request: return "bad_request";
    case errc::authentication: return "authentication";
    case errc::billing: return "billing";
    case errc::permission_denied: return "permission_denied";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::request_rejected_size: return "request_rejected_size";
    case errc::unprocessable_entity: return "unprocessable_entity";
    case errc::rate_limited: return "rate_limited";
    case errc::server_error: return "server_error";
    case errc::service_unavailable: return "service_unavailable";
    case errc::gateway_timeout: return "gateway_timeout";
    case errc::overloaded: return "overloaded";
    case errc::unexpected_status: return "unexpected_status";
    case errc::unexpected_body: return "unexpected_body";
    case errc::unsupported_call: return "unsupported_call";
      // clang-format on
  }
  assert(false);
  return "unknown";
}

std::string_view to_string(phase value) noexcept {
  switch (value) {
    // clang-format off
    case phase::none: return "none";
    case phase::queue: return "queue";
    case phase::resolve: return "resolve";
    case phase::connect: return "connect";
    case phase::proxy: return "proxy";
    case phase::tls: return "tls";
    case phase::write: return "write";
    case phase::first_byte: return "first_byte";
    case phase::body: return "body";
      // clang-format on
  }
  assert(false);
  return "unknown";
}

std::string error::to_string() const {
  std::string line(warmwire::to_string(code));
  if (phase != warmwire::phase::none) line.append(" (").append(warmwire::to_string(phase)).append(")");
  // Whoever made the error has cleaned it; this is the last door before a log or a terminal.
  if (!message.empty()) line.append(": ").append(text::printable(message, longest_message_shown));
  if (http_status != 0) line.append("; status ").append(std::to_string(http_status));
  if (!request_id.empty()) line.append("; request ").append(text::printable(request_id, longest_id_shown));
  if (!failed_attempts.empty()) line.append("; try ").append(std::to_string(failed_attempts.size() + 1));
  return line;
}

exception::exception(error reason) : std::runtime_error(reason.to_string()), reason_(std::move(reason)) {}

void throw_exception_from_error(const error& reason, const boost::source_location& /*where*/) {
  throw exception(reason);
}

}  // namespace warmwire

#include "net/handshake.hpp"

#include "net/deadline_watch.hpp"
#include "net/is_cancelled.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string_view>
#include <utility>

namespace warmwire::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

error failure(errc code, std::string message) {
  return {.code = code, .phase = phase::tls, .message = std::move(message)};
}

error too_slow(const handshake_request& request) {
  std::string message("the TLS handshake with ");
  message.append(to_string(request.target)).append(" did not end within ");
  message.append(std::to_string(request.timeout.count())).append(" ms");
  return failure(errc::tls_timeout, std::move(message));
}

/// What the pool allows, for messages: "h2 only".
std::string allowed(const handshake_request& request) {
  std::string names;
  for (const auto which : request.alpn)
    names.append(names.empty() ? "" : " and ").append(to_string(which));
  return "; this pool allows " + names.append(request.alpn.size() == 1 ? " only" : "");
}

error ended(const stream& over, const handshake_request& request) {
  auto why = over.handshake_error();
  if (why.code == errc::protocol_unavailable) why.message += allowed(request);
  return why;
}

/// OpenSSL's client compares the server's choice with the offer since 3.0.15 only.
result<protocol> agreement(const stream& over, const handshake_request& request) {
  const std::string_view picked = over.negotiated_protocol();
  if (const auto spoken = agreed(picked, request.alpn)) return *spoken;
  std::string message("the server ");
  message.append(to_string(request.target));
  if (!picked.empty()) {
    return failure(errc::tls_failed, message.append(" picked a protocol by ALPN that was not offered"));
  }
  message.append(" does not speak HTTP/2: it picked no protocol by ALPN").append(allowed(request));
  return failure(errc::protocol_unavailable, std::move(message));
}

}  // namespace

asio::awaitable<result<protocol>> shake_hands(stream& over, handshake_request request) {
  const std::string& name = request.tls->options().server_name;
  over.start_tls(*request.tls, name.empty() ? request.target.host : name, request.session_key);
  over.offer_protocols(request.alpn);
  const deadline_watch limit(over.socket(), std::chrono::steady_clock::now() + request.timeout);
  for (;;) {
    const io_result step = over.try_handshake();
    if (step.status == io_status::done) co_return agreement(over, request);
    if (step.status == io_status::end || step.status == io_status::failed) co_return ended(over, request);
    const bool for_reading = step.status == io_status::want_read;
    if (!limit.has_expired()) {
      co_await over.socket().async_wait(for_reading ? tcp::socket::wait_read : tcp::socket::wait_write,
                                        asio::as_tuple(asio::use_awaitable));
    }
    const bool cancelled = co_await is_cancelled();
    if (cancelled) co_return failure(errc::cancelled, "connecting to " + to_string(request.target) + " was cancelled");
    if (limit.has_expired()) co_return too_slow(request);
  }
}

}  // namespace warmwire::net

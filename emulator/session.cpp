// One connection from accept to the session of its protocol.
#include "emulator/session.hpp"

#include "emulator/connection.hpp"
#include "emulator/h2_session.hpp"
#include "emulator/http1_session.hpp"

#include <boost/asio/error.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 §3.4

// Accepts, shakes hands, and commits the faults that come before any request; false when the connection is over.
asio::awaitable<bool> open(connection& opened) {
  opened.wire.line().start();
  const auto fault = opened.shared.faults.on_connection(opened.number);
  if (fault) {
    if (fault->when == fault::moment::handshake) {
      std::array<char, 4096> hello{};
      co_await opened.wire.line().read_some(hello);
    }
    co_await end_by_fault(opened.ending(), *fault);
    co_return false;
  }
  const std::string failure = co_await opened.wire.handshake();
  if (!failure.empty()) {
    co_await opened.wire.line().end(line_end::close);
    opened.shared.records.on_ending(opened.number, "handshake failed: " + failure);
    co_return false;
  }
  if (opened.wire.is_resumed()) opened.shared.records.on_resumed(opened.number);
  opened.opened_at = std::chrono::steady_clock::now();
  co_return true;
}

// Reads as far as the client's first bytes may be the preface of HTTP/2; they stay in the reader.
asio::awaitable<error_code> read_preface(connection& opened) {
  const auto keep_alive = opened.shared.options.keep_alive;
  const auto deadline = keep_alive ? opened.opened_at + *keep_alive : never;
  while (opened.reader.peek().size() < preface.size() && preface.starts_with(opened.reader.peek())) {
    const error_code failure = co_await opened.reader.fill(deadline);
    if (failure) co_return failure;
  }
  co_return error_code();
}

// Nothing when the client left.
asio::awaitable<std::optional<http_version>> choose_version(connection& opened) {
  const auto allowed = opened.shared.options.protocols;
  if (allowed != protocol_choice::both) {
    co_return allowed == protocol_choice::http1 ? http_version::http1 : http_version::http2;
  }
  if (opened.shared.tls != nullptr) co_return opened.wire.is_h2() ? http_version::http2 : http_version::http1;
  const error_code failure = co_await read_preface(opened);
  if (failure && failure != asio::error::timed_out) {
    record_client_end(opened.ending(), failure);
    co_return std::nullopt;
  }
  co_return opened.reader.peek().starts_with(preface) ? http_version::http2 : http_version::http1;
}

}  // namespace

asio::awaitable<void> serve(asio::ip::tcp::socket socket, session_surroundings& shared) {
  const auto opened = std::make_shared<connection>(std::move(socket), shared);
  const bool is_open = co_await open(*opened);
  if (!is_open) co_return;
  const std::optional<http_version> version = co_await choose_version(*opened);
  if (!version) co_return;
  if (*version == http_version::http2) {
    shared.records.on_protocol(opened->number, "h2");
    co_await serve_h2(opened);
  } else {
    shared.records.on_protocol(opened->number, "http/1.1");
    co_await serve_http1(*opened);
  }
}

}  // namespace warmwire::emulator

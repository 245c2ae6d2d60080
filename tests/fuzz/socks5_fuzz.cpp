// What a SOCKS5 proxy answers, in any bytes and any pieces. Input: the target and the proxy's URL on a line each, then
// the proxy's bytes.
#include "http/url.hpp"
#include "net/socks5.hpp"
#include "tests/fuzz/fuzzing.hpp"

namespace {

using namespace warmwire;
using fuzz::require;

struct outcome {
  std::optional<errc> failure;
  std::string message;
  bool open = false;
  std::string sent;
  std::size_t used = 0;

  friend bool operator==(const outcome&, const outcome&) = default;
};

struct parties {
  net::host_port target;
  std::optional<http::proxy_credentials> credentials;
};

outcome talk(const parties& given, const std::vector<std::string_view>& pieces) {
  net::socks5_handshake handshake(given.target, given.credentials);
  outcome seen{.failure = std::nullopt, .message = {}, .open = false, .sent = handshake.take_output(), .used = 0};
  require(seen.sent.starts_with('\5') && seen.sent.size() <= 4, "a client begins with its methods");
  for (const auto piece : pieces) {
    const auto fed = handshake.feed(piece);
    seen.sent += handshake.take_output();
    seen.used += piece.size();
    if (!fed) {
      const auto& reason = fed.error();
      const bool is_documented = reason.code == errc::proxy_failed || reason.code == errc::proxy_authentication;
      require(is_documented && reason.phase == phase::proxy, "the documented errors");
      require(fuzz::is_one_line(reason.message), "a message has no control characters");
      seen.failure = reason.code;
      seen.message = reason.message;
      return seen;
    }
    seen.open = *fed;
    if (seen.open) return seen;
  }
  return seen;
}

void check_sent(const parties& given, const outcome& seen, std::string_view answers) {
  if (!given.credentials) return;
  const auto& password = given.credentials->password.reveal();
  const bool was_asked = answers.starts_with(std::string_view("\5\2", 2));
  constexpr std::size_t long_enough = 6;  // to be in the rest of the bytes only on purpose
  if (password.size() < long_enough || given.target.host.find(password) != std::string::npos) return;
  require(was_asked || seen.sent.find(password) == std::string::npos, "a password is sent to a proxy that asks for it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = fuzz::as_text(data, size);
  const auto to = http::parse_url(std::string("http://").append(fuzz::next_line(bytes)));
  const auto proxy = http::parse_proxy(std::string("socks5://").append(fuzz::next_line(bytes)), "proxy");
  if (!to || !proxy) return 0;
  const parties given{.target = {.host = to->host, .port = to->port}, .credentials = proxy->credentials};
  const auto slowly = talk(given, fuzz::cuts(bytes)[1]);
  check_sent(given, slowly, bytes);
  const auto whole = talk(given, {bytes});
  if (slowly.open && bytes.size() > slowly.used) {
    require(whole.failure == errc::proxy_failed, "nothing may come through the tunnel unasked");
    bytes = bytes.substr(0, slowly.used);
  }
  for (const auto& pieces : fuzz::cuts(bytes)) {
    auto seen = talk(given, pieces);
    if (seen.failure) seen.used = slowly.used;  // how much came with the piece that was wrong depends on it
    require(seen == slowly, "the result does not depend on how the bytes were cut");
  }
  return 0;
}

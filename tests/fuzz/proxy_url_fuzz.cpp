// Proxy URLs, credentials and all.
#include "http/ascii.hpp"
#include "http/proxy_url.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>

namespace {

using namespace warmwire;
using fuzz::require;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (http::is_alphanumeric(c)) {
      out += c;
    } else {
      out.append(1, '%').append({digits[byte >> 4U], digits[byte & 15U]});
    }
  }
  return out;
}

std::string print(const http::proxy& made) {
  auto text = made.to_string();
  if (!made.credentials) return text;
  const auto& [user, password] = *made.credentials;
  return text.insert(text.find("://") + 3, percent_encoded(user) + ':' + percent_encoded(password.reveal()) + '@');
}

void check_parts(const http::proxy& made) {
  require(!made.host.empty() && made.host.size() <= 253, "a host has 1 to 253 characters");
  require(std::none_of(made.host.begin(), made.host.end(), [](char c) { return http::to_lower(c) != c; }),
          "a host is in lower case");
  require(made.host.find_first_of("@/?#[]%\\") == std::string::npos, "a host has no delimiters");
  require(made.port != 0, "a port is not 0");
  const bool is_socks = made.scheme == http::proxy_scheme::socks5 || made.scheme == http::proxy_scheme::socks5h;
  if (!made.credentials) return;
  const auto& [user, password] = *made.credentials;
  if (is_socks) {
    require(!user.empty() && user.size() <= 255 && password.reveal().size() <= 255, "SOCKS5 can carry the credentials");
  } else {
    require(user.find(':') == std::string::npos, "Basic can carry the user");
    require(fuzz::is_one_line(user) && fuzz::is_one_line(password.reveal()), "Basic can carry the credentials");
  }
}

void check_identity(http::proxy made) {
  const auto identity = made.identity();
  const auto host = made.host;
  made.credentials = http::proxy_credentials{.user = "another", .password = secret("x")};
  const auto other = made.identity();
  require(made.to_string().find("another") == std::string::npos || host.find("another") != std::string::npos,
          "credentials are not shown");
  made.credentials->password = secret("y");
  require(!(made.identity() == other), "another password is another identity");
  made.credentials = http::proxy_credentials{.user = "anotherx", .password = secret()};
  require(!(made.identity() == other), "user and password do not run into one another");
  made.credentials.reset();
  require(!(made.identity() == other), "no credentials are another identity");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto made = http::parse_proxy(fuzz::as_text(data, size), "HTTPS_PROXY");
  if (!made) {
    const auto& reason = made.error();
    require(reason.code == errc::invalid_option, "the documented error");
    require(fuzz::is_one_line(reason.message), "a message has no control characters");
    require(reason.message.starts_with("HTTPS_PROXY "), "a message names the field");
    require(reason.message.find("hunter2") == std::string::npos, "a message never repeats the text");
    return 0;
  }
  check_parts(*made);
  check_identity(*made);
  const auto printed = print(*made);
  if (printed.size() > http::max_proxy_url_bytes) return 0;  // each byte of the credentials may have become three
  const auto again = http::parse_proxy(printed, "HTTPS_PROXY");
  require(again.has_value(), "what is printed can be read");
  require(*again == *made, "what is printed and read is the same");
  return 0;
}

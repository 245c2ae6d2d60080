#include "http/proxy_url.hpp"

#include "http/ascii.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::http {
namespace {

constexpr std::size_t max_socks_credential_bytes = 255;  // RFC 1929 §2

constexpr std::array schemes = {
    std::pair{std::string_view("http"), proxy_scheme::http},
    std::pair{std::string_view("https"), proxy_scheme::https},
    std::pair{std::string_view("socks"), proxy_scheme::socks5},
    std::pair{std::string_view("socks5"), proxy_scheme::socks5},
    std::pair{std::string_view("socks5h"), proxy_scheme::socks5h},
};

error invalid_proxy_url(std::string_view field, std::string_view what) {
  error reason{.code = errc::invalid_option, .message = std::string(field)};
  reason.message.append(" is not a proxy's URL: ").append(what);
  return reason;
}

bool is_socks(proxy_scheme scheme) {
  return scheme == proxy_scheme::socks5 || scheme == proxy_scheme::socks5h;
}

/// Takes the scheme off the text.
result<proxy_scheme> take_scheme(std::string_view& text, std::string_view field) {
  const auto end = text.find("://");
  // A password may hold anything, "://" as well.
  if (end == std::string_view::npos || text.find_first_of("@:/") < end) return proxy_scheme::http;
  const auto name = text.substr(0, end);
  text.remove_prefix(end + 3);
  for (const auto& [known, scheme] : schemes)
    if (iequals(name, known)) return scheme;
  if (iequals(name, "socks4") || iequals(name, "socks4a"))
    return invalid_proxy_url(field, "SOCKS4 is not supported, SOCKS5 is");
  return invalid_proxy_url(field, "its scheme is none of http, https, socks5 and socks5h");
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool has_control(std::string_view text) {
  return !std::all_of(text.begin(), text.end(), [](char c) { return is_field_char(c) && c != '\t'; });
}

/// What the protocols can carry: RFC 7617 §2 and RFC 1929 §2.
std::optional<std::string_view> unfit(const proxy_credentials& given, proxy_scheme scheme) {
  const auto& password = given.password.reveal();
  if (is_socks(scheme)) {
    if (given.user.empty()) return "its user is empty";
    if (given.user.size() > max_socks_credential_bytes) return "its user is longer than 255 bytes";
    if (password.size() > max_socks_credential_bytes) return "its password is longer than 255 bytes";
    return std::nullopt;
  }
  if (given.user.find(':') != std::string::npos) return "its user holds a colon";
  if (has_control(given.user) || has_control(password)) return "its user or password holds a control character";
  return std::nullopt;
}

result<std::optional<proxy_credentials>> parse_credentials(std::string_view text, proxy_scheme scheme,
                                                           std::string_view field) {
  if (text.empty()) return std::optional<proxy_credentials>();
  const auto colon = std::min(text.find(':'), text.size());
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
  if (!user || !password)
    return invalid_proxy_url(field, "its user or password has a % without two hexadecimal digits");
  proxy_credentials made{.user = std::move(*user), .password = secret(std::move(*password))};
  if (const auto why = unfit(made, scheme)) return invalid_proxy_url(field, *why);
  return std::optional(std::move(made));
}

/// Whether a port stands behind the host; the host's own colons are in brackets.
bool names_port(std::string_view host_and_port) {
  const auto end = host_and_port.rfind(']');
  const auto colon = host_and_port.rfind(':');
  return colon != std::string_view::npos && (end == std::string_view::npos || colon > end) &&
         colon + 1 < host_and_port.size();
}

}  // namespace

std::string_view to_string(proxy_scheme value) noexcept {
  switch (value) {
    case proxy_scheme::http:
      return "http";
    case proxy_scheme::https:
      return "https";
    case proxy_scheme::socks5:
      return "socks5";
    case proxy_scheme::socks5h:
      break;
  }
  return "socks5h";
}

std::string proxy::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string text(http::to_string(scheme));
  text.append(is_v6 ? "://[" : "://").append(host).append(is_v6 ? "]:" : ":").append(std::to_string(port));
  return text;
}

secret proxy::identity() const {
  std::string text = to_string();
  if (credentials) {
    text.append(" ").append(std::to_string(credentials->user.size())).append(" ");
    text.append(credentials->user).append(credentials->password.reveal());
  }
  return secret(std::move(text));
}

result<proxy> parse_proxy(std::string_view text, std::string_view field) {
  if (text.size() > max_proxy_url_bytes) return invalid_proxy_url(field, "it is longer than 8 KiB");
  if (has_control(text) || text.find(' ') != std::string_view::npos) {
    return invalid_proxy_url(field, "it holds a space or a control character");
  }
  const auto scheme = take_scheme(text, field);
  if (!scheme) return scheme.error();
  const auto at = text.find_last_of('@');
  // A slash in an unencoded password would otherwise end the host in the middle of it.
  const auto rest = at == std::string_view::npos ? text : text.substr(at + 1);
  auto credentials = parse_credentials(at == std::string_view::npos ? "" : text.substr(0, at), *scheme, field);
  if (!credentials) return credentials.error();

  const auto place = rest.substr(0, rest.find_first_of("/?#"));
  const auto parts = parse_url(std::string("http://").append(place));
  if (!parts) {
    constexpr std::string_view subject = "the URL ";
    return invalid_proxy_url(field, std::string("it ").append(parts.error().message.substr(subject.size())));
  }
  const std::uint16_t own_port = *scheme == proxy_scheme::https ? 443 : 1080;
  return proxy{.scheme = *scheme,
               .host = parts->host,
               .port = names_port(place) ? parts->port : own_port,
               .credentials = std::move(*credentials)};
}

}  // namespace warmwire::http

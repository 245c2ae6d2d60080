#include "http/url.hpp"

#include "http/ascii.hpp"

#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace warmwire::http {
namespace {

constexpr std::size_t max_host_bytes = 253;

error invalid_url_error(std::string what) {
  return {.code = errc::invalid_url, .message = "the URL " + std::move(what)};
}

std::uint16_t default_port(scheme of) {
  return of == scheme::https ? 443 : 80;
}

result<void> check_characters(std::string_view text) {
  if (text.empty()) return invalid_url_error("is empty");
  if (text.size() > max_url_bytes) return invalid_url_error("is longer than 64 KiB");
  const auto bad =
      std::find_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || !is_field_char(c); });
  if (bad == text.end()) return {};
  return invalid_url_error("holds a space or a control character at position " +
                           std::to_string(bad - text.begin() + 1));
}

/// The URL's parts as they stand in it (RFC 3986 §3). Cut here and not by Boost.URL: its 1.81 takes 127.0.0.1 for the
/// host of http://127.0.0.1.example.com/, and the rest for the path.
struct url_text {
  std::string_view scheme;
  std::string_view authority;
  std::string_view target;
};

result<url_text> cut(std::string_view text) {
  const auto colon = text.find(':');
  const auto is_scheme_char = [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; };
  if (colon == std::string_view::npos || colon == 0 || is_digit(text.front()) ||
      !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_scheme_char)) {
    return invalid_url_error("is not absolute: write it like https://api.example.com/v1");
  }
  url_text parts{.scheme = text.substr(0, colon), .authority = {}, .target = {}};
  auto rest = text.substr(colon + 1);
  rest = rest.substr(0, rest.find('#'));
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    parts.authority = rest.substr(0, rest.find_first_of("/?"));
  }
  parts.target = rest.substr(parts.authority.size());
  return parts;
}

result<scheme> parse_scheme(std::string_view text) {
  if (iequals(text, "https")) return scheme::https;
  if (iequals(text, "http")) return scheme::http;
  return error{.code = errc::unsupported_scheme, .message = "the URL's scheme is neither http nor https"};
}

struct host_and_port {
  std::string_view host;  ///< IPv6 without brackets
  std::string_view port;
};

result<host_and_port> cut_authority(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    return invalid_url_error("holds credentials, which do not belong there: send them in a header");
  }
  const bool is_bracketed = text.starts_with('[');
  const auto end = is_bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return invalid_url_error("has an address without its closing bracket");
  host_and_port parts{.host = text.substr(0, end), .port = {}};
  if (is_bracketed) {
    parts.host.remove_prefix(1);
    if (!boost::urls::parse_ipv6_address(parts.host))
      return invalid_url_error("has brackets around what is no IPv6 address");
  }
  const auto rest = text.substr(is_bracketed ? end + 1 : end);
  if (!rest.empty() && rest.front() != ':') return invalid_url_error("has more than a port after its host");
  if (!rest.empty()) parts.port = rest.substr(1);
  return parts;
}

result<std::string> parse_host(std::string_view text) {
  if (text.empty()) return invalid_url_error("has no host");
  if (text.size() > max_host_bytes) return invalid_url_error("has a host longer than 253 characters");
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == ':'; };
  if (!std::all_of(text.begin(), text.end(), fits)) {
    return invalid_url_error(
        "has a host with characters other than letters, digits, '-', '.' and '_' (write others as xn--…)");
  }
  const bool is_v6 = text.find(':') != std::string_view::npos;
  if (!is_v6 && !is_host_name(text)) return invalid_url_error("has a host with an empty part");
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), to_lower);
  return host;
}

result<std::uint16_t> parse_port(std::string_view text, scheme of) {
  if (text.empty()) return default_port(of);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || port == 0) {
    return invalid_url_error("has a port outside 1–65535");
  }
  return port;
}

result<std::string> parse_target(std::string_view text) {
  std::string target(text.starts_with('/') ? "" : "/");
  target += text;
  if (!boost::urls::parse_origin_form(target)) {
    return invalid_url_error("has a path or query with characters that must be written as %XX");
  }
  return target;
}

std::string authority_of(const url& parts) {
  const bool is_v6 = parts.host.find(':') != std::string::npos;
  std::string text = is_v6 ? '[' + parts.host + ']' : parts.host;
  if (parts.port != default_port(parts.scheme)) text += ':' + std::to_string(parts.port);
  return text;
}

}  // namespace

std::string_view to_string(scheme value) noexcept {
  return value == scheme::https ? "https" : "http";
}

bool is_host_name(std::string_view text) noexcept {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= max_host_bytes && std::all_of(text.begin(), text.end(), fits) &&
         text.front() != '.' && text.find("..") == std::string_view::npos;
}

std::string url::origin() const {
  return std::string(to_string(scheme)) + "://" + authority;
}

result<url> parse_url(std::string_view text) {
  if (const auto checked = check_characters(text); !checked) return checked.error();
  const auto parts = cut(text);
  if (!parts) return parts.error();
  const auto scheme = parse_scheme(parts->scheme);
  if (!scheme) return scheme.error();
  const auto place = cut_authority(parts->authority);
  if (!place) return place.error();
  auto host = parse_host(place->host);
  if (!host) return host.error();
  const auto port = parse_port(place->port, *scheme);
  if (!port) return port.error();
  auto target = parse_target(parts->target);
  if (!target) return target.error();
  url made{.scheme = *scheme, .host = std::move(*host), .port = *port, .authority = {}, .target = std::move(*target)};
  made.authority = authority_of(made);
  return made;
}

}  // namespace warmwire::http

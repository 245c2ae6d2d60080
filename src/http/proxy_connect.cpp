#include "http/proxy_connect.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace warmwire::http {
namespace {

error not_an_answer(std::string_view why) {
  error reason{.code = errc::proxy_failed, .phase = phase::proxy, .message = "the answer is not HTTP/1.1: "};
  reason.message.append(why);
  return reason;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto part = bytes.substr(i, 3);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < part.size() ? static_cast<unsigned char>(part[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= part.size() ? alphabet[group >> (18U - 6U * static_cast<unsigned>(k)) & 63U] : '=';
  }
  return out;
}

/// Whether the line begins as "HTTP/1.x 200" does, as far as it has come.
bool may_be_status(std::string_view line) {
  constexpr std::string_view form = "HTTP/1.d ddd";
  for (std::size_t i = 0; i < std::min(line.size(), form.size()); ++i) {
    const bool fits = form[i] == 'd' ? is_digit(line[i]) : line[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace

secret basic_authorization(const proxy_credentials& given) {
  std::string pair = given.user;
  pair.append(":").append(given.password.reveal());
  return secret(std::string("Basic ").append(base64(pair)));
}

std::string encode(const connect_request& request) {
  std::string out("CONNECT ");
  out.append(request.authority).append(" HTTP/1.1\r\nHost: ").append(request.authority).append("\r\n");
  if (request.credentials) {
    out.append("Proxy-Authorization: ").append(basic_authorization(*request.credentials).reveal()).append("\r\n");
  }
  if (!request.user_agent.empty() && is_field_value(request.user_agent)) {
    out.append("User-Agent: ").append(request.user_agent).append("\r\n");
  }
  return out.append("\r\n");
}

result<bool> connect_answer::feed(std::string_view bytes) {
  seen_.append(bytes.substr(0, std::min(bytes.size(), max_bytes + 1)));
  for (;;) {
    const auto end = seen_.find('\n', line_);
    auto line = std::string_view(seen_).substr(line_, end == std::string::npos ? end : end - line_);
    if (!in_fields_ && !may_be_status(line)) return not_an_answer("it does not begin like one");
    if (end == std::string::npos) break;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line_ = end + 1;
    if (line_ > max_bytes) break;
    const auto is_head_done = take_line(line);
    if (!is_head_done) return is_head_done.error();
    if (!*is_head_done) continue;
    if (is_success() && line_ < seen_.size()) {
      return error{.code = errc::proxy_failed,
                   .phase = phase::proxy,
                   .message = "bytes that nobody asked for came through the tunnel"};
    }
    return true;
  }
  if (seen_.size() <= max_bytes) return false;
  return error{
      .code = errc::proxy_failed, .phase = phase::proxy, .message = "the head of the answer is longer than 64 KiB"};
}

/// True when it was the last line of a final head.
result<bool> connect_answer::take_line(std::string_view line) {
  if (!in_fields_) {
    if (auto taken = take_status(line); !taken) return taken.error();
    in_fields_ = true;
    return false;
  }
  if (!line.empty()) {
    if (auto taken = take_field(line); !taken) return taken.error();
    return false;
  }
  in_fields_ = false;
  // Interim answers say nothing (RFC 9110 §15.2); another protocol was not asked for.
  return status_ >= 200 || status_ == 101;
}

result<void> connect_answer::take_status(std::string_view line) {
  constexpr std::size_t before_status = 9;  // "HTTP/1.1 "
  constexpr std::size_t before_reason = before_status + 3;
  if (line.size() < before_reason || (line.size() > before_reason && line[before_reason] != ' ')) {
    return not_an_answer("its status is not a number of three digits");
  }
  status_ = 0;
  for (const char digit : line.substr(before_status, 3))
    status_ = status_ * 10 + (digit - '0');
  if (status_ < 100) return not_an_answer("its status is below 100");
  reason_ = trim(line.substr(before_reason));
  challenges_.clear();
  return {};
}

result<void> connect_answer::take_field(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return {};  // folded (RFC 9112 §5.2): goes on with what was said
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return not_an_answer("a line of its head is not a field");
  }
  if (iequals(line.substr(0, colon), "proxy-authenticate") && challenges_.size() < max_challenges) {
    challenges_.emplace_back(trim(line.substr(colon + 1)));
  }
  return {};
}

}  // namespace warmwire::http

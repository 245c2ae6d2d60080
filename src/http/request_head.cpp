#include "http/request_head.hpp"

#include "http/request_check.hpp"

#include <array>
#include <cstddef>

namespace warmwire::http {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_own_fields(std::string& out, const request_head& head, const caller_fields& given) {
  std::array<char, 20> room{};
  if (!given.host) append_field(out, "Host", head.url.authority);
  if (!given.user_agent && !head.user_agent.empty()) append_field(out, "User-Agent", head.user_agent);
  if (needs_length(head) && !given.content_length) {
    append_field(out, "Content-Length", decimal(head.body_length, room));
  }
  if (head.framing == framing::chunked && !given.transfer_encoding) append_field(out, "Transfer-Encoding", "chunked");
  if (given.connection) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(head.idle_timeout).count();
  append_field(out, "Connection", seconds > 0 ? "keep-alive" : "close");
  if (seconds > 0 && !given.keep_alive) {
    out.append("Keep-Alive: timeout=").append(decimal(static_cast<std::uint64_t>(seconds), room)).append("\r\n");
  }
}

}  // namespace

result<void> append_request_head(std::string& out, const request_head& head) {
  const auto given = check_request(head);
  if (!given) return given.error();
  constexpr std::size_t room_for_own_names_and_numbers = 192;
  out.reserve(out.size() + head.method.size() + head.url.target.size() + head.url.authority.size() +
              head.user_agent.size() + given->bytes + room_for_own_names_and_numbers);
  out.append(head.method).append(" ").append(head.url.target).append(" HTTP/1.1\r\n");
  for (const auto& field : head.fields)
    append_field(out, field.name, field.value);
  append_own_fields(out, head, *given);
  out.append("\r\n");
  return {};
}

}  // namespace warmwire::http

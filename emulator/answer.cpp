// What the server says to a request.
#include "emulator/answer.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>

namespace warmwire::emulator {
namespace {

constexpr std::size_t alphabet_bytes = 26;

// Many alphabets in a row, so that a large body is copied in large pieces.
constexpr auto filler_text = [] {
  std::array<char, alphabet_bytes * 512> text{};
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>('a' + i % alphabet_bytes);
  return text;
}();

}  // namespace

void append_filler(std::string& to, std::uint64_t offset, std::size_t bytes) {
  const std::size_t old_bytes = to.size();
  to.resize(old_bytes + bytes);
  copy_filler(std::span(to).subspan(old_bytes), offset);
}

void copy_filler(std::span<char> to, std::uint64_t offset) {
  auto start = static_cast<std::size_t>(offset % alphabet_bytes);
  while (!to.empty()) {
    const std::size_t piece = std::min(to.size(), filler_text.size() - start);
    std::copy_n(filler_text.data() + start, piece, to.data());
    to = to.subspan(piece);
    start = (start + piece) % alphabet_bytes;
  }
}

std::uint64_t bytes_of_events(const answer& of, std::uint64_t events) {
  if (events == 0) return 0;
  for (const body_piece& each : of.pieces) {
    if (each.ends_event && --events == 0) return each.end;
  }
  return of.filler_bytes > 0 ? of.filler_bytes : of.body.size();
}

void append_field(std::string& fields, std::string_view name, std::string_view value) {
  fields.append(name).append(": ").append(value).append("\r\n");
}

void remove_field(std::string& fields, std::string_view name) {
  using text = boost::beast::string_view;
  std::size_t line = 0;
  while (line < fields.size()) {
    const std::size_t end = fields.find("\r\n", line) + 2;
    const std::size_t colon = fields.find(':', line);
    if (boost::beast::iequals(text(fields.data() + line, colon - line), text(name.data(), name.size()))) {
      fields.erase(line, end - line);
    } else {
      line = end;
    }
  }
}

std::string_view reason_phrase(unsigned status) {
  // Those that Beast does not know; the last is Anthropic's own.
  if (status == 103) return "Early Hints";
  if (status == 529) return "Overloaded";
  const auto name = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return name == "<unknown-status>" ? std::string_view("Unknown") : std::string_view(name.data(), name.size());
}

}  // namespace warmwire::emulator

// An answer as bytes on the wire.
#include "emulator/wire_form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace warmwire::emulator {

using fault::body_framing;
using fault::malformation;

namespace {

template <class Number>
void append_number(std::string& out, Number value, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out.append(digits.data(), end);
}

void append_length(std::string& out, std::uint64_t bytes) {
  out += "Content-Length: ";
  append_number(out, bytes);
  out += "\r\n";
}

}  // namespace

wire_form::wire_form(answer said, const wire_options& how)
    : said_(std::move(said)),
      how_(how),
      body_bytes_(said_.filler_bytes > 0 ? said_.filler_bytes : said_.body.size()),
      end_(how.cut_after ? std::min(*how.cut_after, body_bytes_) : body_bytes_),
      has_body_(how.method != "HEAD" && said_.status != 204 && said_.status != 304) {
  choose_framing(how);
}

void wire_form::choose_framing(const wire_options& how) {
  if (is(malformation::chunk_size) || is(malformation::chunk_overflow) || is(malformation::length_and_chunked)) {
    said_.framing = body_framing::chunked;
  }
  // Chunks are unknown to HTTP/1.0 (RFC 9112 §6.1).
  const bool has_chunks = !how.is_http_1_0 && how.minor_version >= 1;
  if (said_.framing == body_framing::chunked && !has_chunks) said_.framing = body_framing::until_close;
  closes_ = how.is_last || (has_body_ && said_.framing == body_framing::until_close);
}

bool wire_form::next(std::string& out) {
  if (is_done_) return false;
  if (!is_head_sent_) append_head(out);
  const std::size_t full = out.size() + (said_.pace ? said_.pace->bytes : piece_bytes);
  is_head_sent_ = true;
  if (has_body_ && piece_ < said_.pieces.size()) {
    append_piece(out);
  } else {
    while (has_body_ && sent_ < end_ && out.size() < full) {
      if (said_.framing == body_framing::chunked) {
        append_chunk(out, std::min<std::uint64_t>(said_.chunk_bytes, body_bytes_ - sent_));
      } else {
        append_body(out, std::min<std::uint64_t>(end_ - sent_, full - out.size()));
      }
    }
  }
  is_done_ = !has_body_ || sent_ == end_;
  if (is_done_ && has_body_ && said_.framing == body_framing::chunked && !how_.cut_after) out += "0\r\n\r\n";
  return true;
}

std::chrono::microseconds wire_form::pause() const {
  if (piece_ < said_.pieces.size()) return said_.pieces[piece_].pause;
  return said_.pace ? said_.pace->interval : std::chrono::microseconds(0);
}

// Empty ones, which a script can make, are passed over: an empty chunk would end the body.
void wire_form::append_piece(std::string& out) {
  while (piece_ < said_.pieces.size() && said_.pieces[piece_].end == sent_)
    ++piece_;
  if (piece_ == said_.pieces.size() || sent_ == end_) return;
  const std::uint64_t bytes = said_.pieces[piece_++].end - sent_;
  if (said_.framing == body_framing::chunked) {
    append_chunk(out, bytes);
  } else {
    append_body(out, std::min(bytes, end_ - sent_));
  }
}

void wire_form::append_head(std::string& out) {
  out.reserve(out.size() + said_.fields.size() + 256 + std::min<std::uint64_t>(end_, piece_bytes));
  out += is(malformation::status_line) ? "This is not HTTP " : how_.is_http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  append_number(out, said_.status);
  out.append(" ").append(reason_phrase(said_.status)).append("\r\n");
  if (!how_.date.empty()) append_field(out, "Date", how_.date);
  out += said_.fields;
  if (is(malformation::nul_in_header)) append_field(out, "X-Broken", std::string_view("a\0b", 3));
  if (is(malformation::huge_head)) {
    for (int line = 0; line < 70; ++line)
      append_field(out, "X-Filler", std::string(1000, 'x'));
  }
  append_framing(out);
  append_connection(out);
  out += "\r\n";
}

void wire_form::append_framing(std::string& out) const {
  if (said_.status == 204) return;
  if (said_.framing == body_framing::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
    if (is(malformation::length_and_chunked)) append_length(out, body_bytes_);
  } else if (said_.framing == body_framing::length) {
    const bool is_short = is(malformation::short_length) && body_bytes_ > 0;
    append_length(out, is_short ? body_bytes_ - 1 : body_bytes_ + (is(malformation::long_length) ? 1 : 0));
    if (is(malformation::conflicting_lengths)) append_length(out, body_bytes_ + 1);
  }
}

void wire_form::append_connection(std::string& out) const {
  if (closes_) {
    out += "Connection: close\r\n";
    return;
  }
  if (how_.keep_alive || how_.is_http_1_0 || how_.minor_version == 0) out += "Connection: keep-alive\r\n";
  if (how_.keep_alive) {
    out += "Keep-Alive: timeout=";
    append_number(out, how_.keep_alive->count());
    out += "\r\n";
  }
}

void wire_form::append_chunk(std::string& out, std::uint64_t size) {
  if (is(malformation::chunk_size)) {
    out += "banana";
  } else if (is(malformation::chunk_overflow)) {
    out += "10000000000000000";  // 2^64
  } else {
    append_number(out, size, 16);
  }
  out += "\r\n";
  append_body(out, std::min(size, end_ - sent_));
  if (sent_ < end_ || !how_.cut_after) out += "\r\n";
}

void wire_form::append_body(std::string& out, std::uint64_t bytes) {
  const auto count = static_cast<std::size_t>(bytes);
  if (said_.filler_bytes > 0) {
    append_filler(out, sent_, count);
  } else {
    out.append(said_.body, static_cast<std::size_t>(sent_), count);
  }
  sent_ += bytes;
}

}  // namespace warmwire::emulator

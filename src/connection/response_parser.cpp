#include "connection/response_parser.hpp"

#include "connection/failure.hpp"
#include "http/ascii.hpp"
#include "http/chunk_line.hpp"
#include "http/response_lines.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::connection {
namespace {

error not_http(std::string_view why) {
  return failure(errc::malformed_response, std::string("the response is not HTTP/1.x: ").append(why));
}

error broken_chunk(std::string_view why) {
  return failure(errc::invalid_chunk, std::string("the response's chunked coding is broken: ").append(why));
}

}  // namespace

void response_parser::begin(const response_rules& rules) {
  rules_ = rules;
  body_.clear();
  body_bytes_ = chunk_overhead_ = 0;
  interim_ = empty_lines_ = 0;
  begun_ = leftover_ = says_persistent_ = in_doubt_ = false;
  version_ = http::version::http_1_1;
  restart();
}

/// Waits for a status line.
void response_parser::restart() {
  place_ = place::status_line;
  status_ = 0;
  section_bytes_ = 0;
  line_.clear();
  name_.clear();
  headers_.clear();
}

void response_parser::release() {
  line_ = name_ = value_ = body_ = {};
  headers_ = {};
}

result<void> response_parser::feed(std::string_view bytes) {
  if (bytes.empty()) return {};
  begun_ = true;
  while (!bytes.empty()) {
    if (is_done()) {
      leftover_ = true;
      return {};
    }
    const auto taken = is_in_data() ? take_data(bytes) : take_of_line(bytes);
    if (!taken) return taken.error();
    bytes.remove_prefix(*taken);
  }
  return {};
}

bool response_parser::is_in_data() const noexcept {
  return place_ == place::body || place_ == place::body_until_end || place_ == place::chunk;
}

std::size_t response_parser::take_data(std::string_view bytes) {
  if (place_ != place::body_until_end) {
    bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    left_ -= bytes.size();
    if (left_ == 0) place_ = place_ == place::body ? place::done : place::chunk_end;
  }
  body_.append(bytes);
  body_bytes_ += bytes.size();
  return bytes.size();
}

/// Takes up to the end of a line. What is wrong is found in the same order however the bytes were cut.
result<std::size_t> response_parser::take_of_line(std::string_view bytes) {
  const auto newline = bytes.find('\n');
  const bool is_whole = newline != std::string_view::npos;
  const auto part = is_whole ? bytes.substr(0, newline + 1) : bytes;
  if (!is_whole || !line_.empty()) line_.append(part);
  auto line = line_.empty() ? part : std::string_view(line_);
  if (auto fault = fault_of_beginning(line)) return std::move(*fault);
  if (auto counted = count_line(part.size()); !counted) return counted.error();
  if (!is_whole) return part.size();
  if (!line.ends_with("\r\n")) return not_http("a line does not end in CRLF");
  line.remove_suffix(2);
  auto taken = take_line(line);
  line_.clear();
  if (!taken) return taken.error();
  return part.size();
}

/// A peer that speaks another protocol and waits is not waited for.
std::optional<error> response_parser::fault_of_beginning(std::string_view line) const {
  const bool is_empty = std::string_view("\r\n").starts_with(line);
  if (place_ == place::status_line && !is_empty && !http::may_be_status_line(line)) {
    return not_http("it does not begin like one");
  }
  if (place_ == place::chunk_end && !is_empty) return broken_chunk("a chunk is longer than it says");
  return std::nullopt;
}

result<void> response_parser::count_line(std::size_t bytes) {
  if (place_ == place::chunk_line || place_ == place::chunk_end) {
    if (std::max(line_.size(), bytes) <= max_chunk_line_bytes) return {};
    return broken_chunk("the line of a chunk is over " + std::to_string(max_chunk_line_bytes) + " bytes");
  }
  section_bytes_ += bytes;
  if (section_bytes_ <= max_header_section_bytes) return {};
  return failure(errc::header_section_too_large,
                 "the response's header section is over " + std::to_string(max_header_section_bytes) + " bytes");
}

result<void> response_parser::take_line(std::string_view line) {
  switch (place_) {
    case place::status_line:
      return take_status(line);
    case place::chunk_line:
      return take_chunk_line(line);
    case place::chunk_end:
      place_ = place::chunk_line;
      return {};
    default:
      return take_field(line);
  }
}

result<void> response_parser::take_status(std::string_view line) {
  if (line.empty()) {
    if (++empty_lines_ <= max_empty_lines) return {};
    return not_http("more than " + std::to_string(max_empty_lines) + " empty lines");
  }
  const auto read = http::parse_status_line(line);
  if (!read) return not_http("its first line is no status line");
  version_ = read->of;
  status_ = read->status;
  place_ = place::fields;
  return {};
}

/// A line of the head or of the trailers. What a field says is known with the line after it.
result<void> response_parser::take_field(std::string_view line) {
  if (http::is_continuation(line)) {
    if (name_.empty() || !http::is_field_value(line)) return not_http("a line of its head is no field");
    if (const auto more = http::trim(line); !more.empty()) value_.append(value_.empty() ? "" : " ").append(more);
    return {};
  }
  if (auto ended = end_field(); !ended) return ended;
  if (line.empty()) {
    if (place_ == place::fields) return end_head();
    place_ = place::done;
    return {};
  }
  const auto field = http::parse_field_line(line);
  if (!field) return not_http("a line of its head is no field");
  name_ = field->name;
  value_ = field->value;
  return {};
}

result<void> response_parser::end_field() {
  if (name_.empty()) return {};
  if (place_ == place::trailers) return note_trailer();
  headers_.add(std::exchange(name_, {}), std::exchange(value_, {}));
  return {};
}

/// Trailers are dropped (RFC 9110 §6.5), but not what they say against the connection.
result<void> response_parser::note_trailer() {
  if (is_framing_field(name_)) {
    return failure(errc::conflicting_length, "a trailer of the response says how long it is (" + name_ + ')');
  }
  warmwire::headers alone;
  alone.add(std::exchange(name_, {}), std::exchange(value_, {}));
  if (!http::parse_keep_alive(version_, alone).is_persistent && !is_http_1_0()) says_persistent_ = false;
  return {};
}

result<void> response_parser::end_head() {
  const auto framing = find_framing({version_, status_, rules_.answers_head}, headers_);
  if (!framing) return framing.error();
  in_doubt_ = in_doubt_ || framing->is_in_doubt;
  if (status_ / 100 == 1) return pass_interim();
  says_persistent_ = http::parse_keep_alive(version_, headers_).is_persistent;
  left_ = framing->length;
  switch (framing->how) {
    case body_framing::kind::none:
      place_ = place::done;
      break;
    case body_framing::kind::length:
      place_ = place::body;
      break;
    case body_framing::kind::chunked:
      place_ = place::chunk_line;
      break;
    case body_framing::kind::until_end:
      place_ = place::body_until_end;
      break;
  }
  return {};
}

result<void> response_parser::pass_interim() {
  if (status_ == 101) return failure(errc::malformed_response, "the server switched protocols unasked");
  if (++interim_ > max_interim_responses) {
    return failure(errc::malformed_response,
                   "more than " + std::to_string(max_interim_responses) + " interim responses");
  }
  place_ = place::status_line;
  status_ = 0;
  section_bytes_ = 0;
  headers_.clear();
  return {};
}

result<void> response_parser::take_chunk_line(std::string_view line) {
  const auto size = http::parse_chunk_line(line);
  if (!size) return broken_chunk("a chunk does not begin with its size");
  chunk_overhead_ += line.size() - std::min<std::uint64_t>(line.size(), free_chunk_line_bytes);
  if (chunk_overhead_ > free_chunk_overhead + 2 * body_bytes_) {
    return broken_chunk("its extensions are longer than what they are about");
  }
  left_ = *size;
  place_ = *size > 0 ? place::chunk : place::trailers;
  return {};
}

result<void> response_parser::feed_end(ending how) {
  if (!begun_) return failure(errc::connection_lost, "the server closed the connection without a response");
  if (is_done()) return {};
  if (place_ != place::body_until_end || how == ending::truncatable) {
    return failure(errc::stream_interrupted, "the server closed the connection in the middle of the response");
  }
  place_ = place::done;
  return {};
}

bool response_parser::is_under_way() const noexcept {
  return status_ != 0 || (!line_.empty() && line_.front() != '\r');
}

std::optional<std::uint64_t> response_parser::remaining() const noexcept {
  if (is_done()) return 0;
  if (place_ != place::body) return std::nullopt;
  return left_;
}

}  // namespace warmwire::connection

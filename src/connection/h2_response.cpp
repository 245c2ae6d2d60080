#include "connection/h2_response.hpp"

#include "connection/failure.hpp"
#include "connection/response_parser.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace warmwire::connection {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t field_overhead = 32;  // RFC 9113 §6.5.2

/// RFC 9113 §8.2.2.
constexpr std::array of_http_1 = {"connection"sv, "keep-alive"sv, "proxy-connection"sv, "upgrade"sv,
                                  "transfer-encoding"sv};

error malformed(std::string_view what) {
  return failure(errc::malformed_response, std::string("the response is not HTTP/2: ").append(what));
}

bool is_lower_token(std::string_view name) {
  return http::is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

result<void> h2_response::begin_section() {
  has_begun_ = true;
  has_fields_ = false;
  section_bytes_ = 0;
  if (where_ == place::head) {
    where_ = place::in_head;
    return {};
  }
  where_ = place::in_trailers;
  return {};
}

result<void> h2_response::add_field(std::string_view name, std::string_view value) {
  section_bytes_ += name.size() + value.size() + field_overhead;
  if (section_bytes_ > max_header_section_bytes) {
    return failure(errc::header_section_too_large,
                   "the response's header section is over " + std::to_string(max_header_section_bytes) + " bytes");
  }
  if (name.starts_with(':')) return add_pseudo_field(name, value);
  has_fields_ = true;
  if (!is_lower_token(name)) return malformed("a field's name is not a token in lower case");
  if (!http::is_field_value(value)) return malformed("a field's value holds a control character");
  if (std::ranges::find(of_http_1, name) != of_http_1.end()) {
    return malformed(std::string("it has the field ").append(name).append(", which belongs to HTTP/1.1"));
  }
  if (where_ == place::in_trailers) return {};
  value = http::trim(value);
  if (name == "content-length" && status_ / 100 != 1) {
    if (auto noted = note_length(value); !noted) return noted;
  }
  headers_.add(std::string(name), std::string(value));
  return {};
}

result<void> h2_response::add_pseudo_field(std::string_view name, std::string_view value) {
  if (where_ == place::in_trailers) return malformed("its trailer has a pseudo-header field");
  if (name != ":status") return malformed("it has a pseudo-header field that is not :status");
  if (has_fields_) return malformed("its :status does not come first");
  if (status_ != 0) return malformed("it has :status twice");
  if (value.size() != 3 || !std::ranges::all_of(value, http::is_digit) || value[0] == '0') {
    return malformed("its :status is not a number of three digits");
  }
  std::from_chars(value.data(), value.data() + value.size(), status_);
  return {};
}

result<void> h2_response::note_length(std::string_view value) {
  std::uint64_t given = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), given);
  if (failed != std::errc() || end != value.data() + value.size()) {
    return failure(errc::conflicting_length, "the response's Content-Length is no number");
  }
  if (length_ && *length_ != given) {
    return failure(errc::conflicting_length, "the response gives its Content-Length twice and differently");
  }
  length_ = given;
  return {};
}

result<void> h2_response::end_section(section_end how) {
  if (where_ == place::in_head) return end_head(how);
  if (how == section_end::more_follows) return malformed("its trailer does not end it");
  return end();
}

result<void> h2_response::end_head(section_end how) {
  if (status_ == 0) return malformed("it has no :status");
  if (status_ / 100 != 1) {
    where_ = place::body;
    return how == section_end::ends_stream ? end() : result<void>();
  }
  if (how == section_end::ends_stream) return malformed("an interim response ends it");
  if (status_ == 101) return malformed("the server switches protocols, which HTTP/2 cannot");
  if (++interim_ > max_interim_responses) {
    return malformed("more than " + std::to_string(max_interim_responses) + " interim responses");
  }
  where_ = place::head;
  status_ = 0;
  headers_.clear();
  return {};
}

bool h2_response::is_bodiless() const noexcept {
  return answers_head_ || status_ == 204 || status_ == 304;
}

result<void> h2_response::add_data(std::string_view bytes) {
  if (where_ != place::body) return malformed("it has a body before its head");
  if (bytes.empty()) return {};
  if (is_bodiless()) {
    return malformed(answers_head_ ? "a response to HEAD has a body"
                                   : "a response of status " + std::to_string(status_) + " has a body");
  }
  if (length_ && bytes.size() > *length_ - body_bytes_) {
    return failure(errc::conflicting_length, "the response's body is longer than its Content-Length");
  }
  body_.append(bytes);
  body_bytes_ += bytes.size();
  return {};
}

result<void> h2_response::end() {
  if (where_ != place::body && where_ != place::in_trailers) return malformed("it ends before its head");
  if (length_ && !is_bodiless() && body_bytes_ != *length_) {
    return failure(errc::conflicting_length, "the response's body is shorter than its Content-Length");
  }
  where_ = place::done;
  return {};
}

std::optional<std::uint64_t> h2_response::remaining() const noexcept {
  if (is_done()) return 0;
  if (!is_head_done()) return std::nullopt;
  if (is_bodiless()) return 0;
  if (!length_) return std::nullopt;
  return *length_ - body_bytes_;
}

}  // namespace warmwire::connection

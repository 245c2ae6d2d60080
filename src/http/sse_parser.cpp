#include "http/sse_parser.hpp"

#include "http/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace warmwire::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool ends_line(char c) {
  return c == '\n' || c == '\r';
}

std::optional<std::chrono::milliseconds> milliseconds_in(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint32_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return std::chrono::milliseconds(value);
}

}  // namespace

void sse_parser::feed(std::string_view bytes) {
  fed_.erase(0, std::exchange(at_, 0));
  fed_.append(bytes);
}

result<std::optional<sse_event>> sse_parser::next() {
  if (std::exchange(is_taken_, false)) clear_event();
  if (!skip_byte_order_mark()) return std::optional<sse_event>();
  while (!failure_ && take_line()) {
    if (line_.empty() && !in_comment_) {
      if (std::exchange(block_other_, 0) > 0) other_.append("\n");
      whole_other_ = other_.size();
      if (has_data_) return event();
      clear_event();
    }
    read_line();
  }
  if (has_ended_ && !failure_) {
    read_line();
    whole_other_ = other_.size();
  }
  if (failure_) return *failure_;
  return has_ended_ && has_data_ ? event() : std::nullopt;
}

std::optional<sse_event> sse_parser::event() {
  is_taken_ = true;
  return sse_event{.name = name_, .data = data_, .id = id_};
}

void sse_parser::read_line() {
  if (!in_comment_ && !line_.empty()) {
    text::replace_ill_formed(line_);
    const std::string_view line = line_;
    const auto colon = std::min(line.find(':'), line.size());
    auto value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (!take_field(line.substr(0, colon), value)) take_other(line);
  }
  line_.clear();
  in_comment_ = false;
}

// False while it cannot be told yet.
bool sse_parser::skip_byte_order_mark() {
  if (!at_start_) return true;
  if (fed_.size() < byte_order_mark.size() && byte_order_mark.starts_with(fed_)) return false;
  at_start_ = false;
  if (fed_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  return true;
}

// False when its end has not come, or when it is too long.
bool sse_parser::take_line() {
  auto rest = std::string_view(fed_).substr(at_);
  if (rest.empty()) return false;
  if (std::exchange(after_cr_, false) && rest.front() == '\n') {
    rest.remove_prefix(1);
    ++at_;
  }
  if (line_.empty() && rest.starts_with(':')) in_comment_ = true;
  const auto end = static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), ends_line) - rest.begin());
  if (!in_comment_) {
    if (end > limits_.max_line_bytes - line_.size()) {
      fail("a line", limits_.max_line_bytes);
      return false;
    }
    line_.append(rest.substr(0, end));
  }
  at_ += std::min(end + 1, rest.size());
  if (end == rest.size()) return false;
  after_cr_ = rest[end] == '\r';
  return true;
}

bool sse_parser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (value.size() + 1 > limits_.max_event_bytes - std::min(data_.size(), limits_.max_event_bytes)) {
      fail("the data of an event", limits_.max_event_bytes);
      return true;
    }
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  } else if (name == "event") {
    name_ = value;
  } else if (name == "id") {
    if (value.size() <= limits_.max_id_bytes && value.find('\0') == std::string_view::npos) id_ = value;
  } else if (name == "retry") {
    if (const auto wait = milliseconds_in(value)) retry_ = wait;
  } else {
    return false;
  }
  return true;
}

void sse_parser::take_other(std::string_view line) {
  if (block_other_ >= limits_.max_other_bytes) return;
  const auto taken = line.substr(0, limits_.max_other_bytes - block_other_);
  other_.append(taken).append("\n");
  block_other_ += taken.size() + 1;
}

std::string sse_parser::take_other_lines() {
  auto out = other_.substr(0, whole_other_);
  other_.erase(0, std::exchange(whole_other_, 0));
  return out;
}

void sse_parser::clear_event() {
  name_.clear();
  data_.clear();
  has_data_ = false;
}

void sse_parser::fail(std::string_view what, std::size_t limit) {
  failure_ = error{.code = errc::response_too_large, .phase = phase::body};
  failure_->message.append(what)
      .append(" of the event stream is longer than ")
      .append(std::to_string(limit))
      .append(" bytes");
}

}  // namespace warmwire::http

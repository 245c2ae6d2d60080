#include "providers/json_mending.hpp"

#include "text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view unknown_character = "\\ufffd";
constexpr std::array<std::string_view, 3> no_numbers{"NaN", "Infinity", "-Infinity"};

// The code unit of an escape such as \ud83d that `text` begins with.
std::optional<unsigned> escaped_unit(std::string_view text) {
  constexpr std::size_t length = 6;
  if (text.size() < length || !text.starts_with("\\u")) return std::nullopt;
  unsigned out = 0;
  const auto* const end = text.data() + length;
  const auto read = std::from_chars(text.data() + 2, end, out, 16);
  return read.ec == std::errc() && read.ptr == end ? std::optional(out) : std::nullopt;
}

bool is_first_half(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_second_half(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

class mender {
 public:
  explicit mender(std::string_view text) : rest_(text) {}

  std::string mend() {
    while (!rest_.empty())
      in_string_ ? take_of_string() : take_of_structure();
    return std::move(out_);
  }

 private:
  void take(std::size_t count) {
    out_.append(rest_.substr(0, count));
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  void replace(std::size_t count, std::string_view by) {
    out_.append(by);
    rest_.remove_prefix(count);
  }

  void take_of_string() {
    const auto first = rest_.front();
    if (first == '\\') return take_escape();
    if (static_cast<unsigned char>(first) < 0x20) return escape_control(first);
    in_string_ = first != '"';
    take(1);
  }

  void take_escape() {
    constexpr std::size_t length = 6;
    const auto unit = escaped_unit(rest_);
    if (!unit) return take(2);
    if (!is_first_half(*unit) && !is_second_half(*unit)) return take(length);
    const auto next = escaped_unit(rest_.substr(length));
    const bool is_pair = is_first_half(*unit) && next && is_second_half(*next);
    is_pair ? take(2 * length) : replace(length, unknown_character);
  }

  void escape_control(char control) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(control);
    out_.append("\\u00");
    out_ += digits[code >> 4U];
    out_ += digits[code & 15U];
    rest_.remove_prefix(1);
  }

  void take_of_structure() {
    for (const auto each : no_numbers) {
      if (rest_.starts_with(each)) return replace(each.size(), "null");
    }
    in_string_ = rest_.front() == '"';
    take(1);
  }

  std::string_view rest_;
  std::string out_;
  bool in_string_ = false;
};

}  // namespace

std::optional<std::string> mended_json(std::string_view text) {
  if (text.size() > max_mended_bytes) return std::nullopt;
  std::string well_formed(text.starts_with(utf8_mark) ? text.substr(utf8_mark.size()) : text);
  text::replace_ill_formed(well_formed);
  auto mended = mender(well_formed).mend();
  if (mended == text) return std::nullopt;
  return mended;
}

}  // namespace warmwire::providers

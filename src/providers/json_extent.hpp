// How far a JSON text that comes in pieces has come, by its brackets alone. A plain value.
#pragma once

#include <cstddef>
#include <string_view>

namespace warmwire::providers {

/// Each byte is looked at once, so that asking after each piece costs nothing. What has brackets that do not fit is for
/// a parser to find.
class json_extent {
 public:
  void add(std::string_view piece) noexcept {
    for (const char c : piece)
      take(c);
  }

  /// Nothing but blanks.
  [[nodiscard]] bool is_empty() const noexcept { return !has_begun_; }
  /// An object or a list has come to its end; more of the same text would be another one.
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }

 private:
  void take(char c) noexcept {
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (in_string_) {
      is_escaped_ = c == '\\';
      in_string_ = c != '"';
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      has_begun_ = true;
      is_closed_ = false;
      in_string_ = c == '"';
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && depth_ > 0) is_closed_ = --depth_ == 0;
    }
  }

  std::size_t depth_ = 0;
  bool has_begun_ = false;
  bool is_closed_ = false;
  bool in_string_ = false;
  bool is_escaped_ = false;
};

[[nodiscard]] inline bool is_closed_json(std::string_view text) noexcept {
  json_extent out;
  out.add(text);
  return out.is_closed();
}

}  // namespace warmwire::providers

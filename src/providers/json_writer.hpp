// Writes JSON as text, piece by piece and without a tree: prompts and images are long. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// The caller opens and closes in order; commas come by themselves.
class json_writer {
 public:
  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }

  json_writer& key(std::string_view name);
  json_writer& value(std::string_view text);
  json_writer& value(const char* text) { return value(std::string_view(text)); }
  json_writer& value(std::int64_t number);
  json_writer& value(double number);  ///< finite; the shortest text that means it
  json_writer& value(bool is_true);
  /// `json` as it is.
  json_writer& raw(std::string_view json);
  /// The string of `prefix`, in which nothing needs to be escaped, and `bytes` in base64.
  json_writer& base64(std::string_view prefix, std::string_view bytes);

  template <class Value>
  json_writer& field(std::string_view name, const Value& what) {
    return key(name).value(what);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace warmwire::providers

#include "providers/json_writer.hpp"

#include "text/base64.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

namespace warmwire::providers {

void json_writer::separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

json_writer& json_writer::open(char bracket) {
  separate();
  text_ += bracket;
  needs_comma_ = false;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  value(name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

json_writer& json_writer::value(std::string_view text) {
  return raw(boost::json::serialize(boost::json::string_view(text)));
}

json_writer& json_writer::value(std::int64_t number) {
  return raw(std::to_string(number));
}

json_writer& json_writer::value(double number) {
  assert(std::isfinite(number));
  std::array<char, 32> digits{};
  const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

json_writer& json_writer::value(bool is_true) {
  return raw(is_true ? "true" : "false");
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

json_writer& json_writer::base64(std::string_view prefix, std::string_view bytes) {
  separate();
  text_ += '"';
  text_ += prefix;
  text::append_base64(text_, bytes);
  text_ += '"';
  return *this;
}

}  // namespace warmwire::providers

#include "cli/json_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace warmwire::cli {
namespace {

namespace json = boost::json;

void append(std::string& out, const json::value& value);

/// Escapes also what JSON lets stand as it is and terminals obey: DEL and C1.
void append_text(std::string& out, std::string_view text) {
  const auto quoted = json::serialize(text);
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const auto byte = static_cast<unsigned char>(quoted[i]);
    const auto next = i + 1 < quoted.size() ? static_cast<unsigned char>(quoted[i + 1]) : 0U;
    const bool is_c1 = byte == 0xC2 && next >= 0x80 && next < 0xA0;
    if (!is_c1 && byte != 0x7F) {
      out += quoted[i];
      continue;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto code = is_c1 ? next : byte;
    out.append("\\u00").append({digits[code >> 4U], digits[code & 15U]});
    if (is_c1) ++i;
  }
}

void append_number(std::string& out, double value) {
  std::array<char, 32> text{};
  const std::string_view digits(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_array(std::string& out, const json::array& items) {
  out += '[';
  for (const auto& item : items) {
    if (out.back() != '[') out += ',';
    append(out, item);
  }
  out += ']';
}

void append_object(std::string& out, const json::object& fields) {
  out += '{';
  for (const auto& field : fields) {
    if (out.back() != '{') out += ',';
    append_text(out, field.key());
    out += ':';
    append(out, field.value());
  }
  out += '}';
}

void append(std::string& out, const json::value& value) {
  if (const auto* real = value.if_double()) return append_number(out, *real);
  if (const auto* items = value.if_array()) return append_array(out, *items);
  if (const auto* fields = value.if_object()) return append_object(out, *fields);
  if (const auto* text = value.if_string()) return append_text(out, *text);
  out += json::serialize(value);
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

json::value number(double value) {
  if (value == std::floor(value)) return static_cast<std::int64_t>(value);
  return rounded(value);
}

}  // namespace warmwire::cli

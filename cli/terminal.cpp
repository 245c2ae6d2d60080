#include "cli/terminal.hpp"

#include "text/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <unistd.h>

namespace warmwire::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = ::secure_getenv(variable);
  return value != nullptr && *value != '\0';
}

// Of UTF-8: not the first byte of a character.
bool is_inside_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), std::not_fn(is_inside_character)));
}

std::string blanks(std::string_view beside, std::size_t width) {
  return std::string(width - std::min(columns(beside), width), ' ');
}

}  // namespace

bool is_terminal(std::FILE* stream) {
  return ::isatty(::fileno(stream)) == 1;
}

style::style(std::FILE* stream) {
  const char* kind = ::secure_getenv("TERM");
  const bool is_dumb = kind == nullptr || std::string_view(kind) == "dumb";
  colours_ = is_terminal(stream) && !is_set("NO_COLOR") && !is_dumb;
}

std::string style::marked(std::string_view code, std::string_view text) const {
  if (!colours_) return std::string(text);
  return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
}

void progress::show(std::string_view line) {
  if (!shown_) return;
  const auto text = "\r\x1b[K" + std::string(line);
  std::fwrite(text.data(), 1, text.size(), stderr);
  is_dirty_ = !line.empty();
}

void progress::clear() {
  if (is_dirty_) show({});
}

void print_warning(std::string_view text) {
  const auto line = "warmwire: warning: " + text::for_terminal(text) + '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
  return {text.data(), end};
}

std::string grouped(unsigned long long value) {
  auto out = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) {
    out.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return out;
}

std::string left(std::string_view text, std::size_t width) {
  return std::string(text) + blanks(text, width);
}

std::string right(std::string_view text, std::size_t width) {
  return blanks(text, width) + std::string(text);
}

std::string shortened(std::string_view text, std::size_t width) {
  auto out = text::printable(text, text.size() + 1);
  if (columns(out) <= width) return out;
  while (columns(out) + 1 > width) {
    while (is_inside_character(out.back()))
      out.pop_back();
    out.pop_back();
  }
  return out + "…";
}

}  // namespace warmwire::cli

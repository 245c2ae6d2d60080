// Cuts a line of the fault language into tokens.
#include "emulator/script_tokens.hpp"

#include <algorithm>
#include <charconv>

namespace warmwire::emulator {
namespace {

constexpr std::string_view spaces = " \t\r";

// Reads the escape behind the backslash at `at`, and moves behind it.
char unescape(std::string_view line, std::size_t& at) {
  const char name = at < line.size() ? line[at++] : '\0';
  switch (name) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '0':
      return '\0';
    case '"':
      return '"';
    case '\\':
      return '\\';
    default:
      break;
  }
  unsigned value = 0;
  const auto digits = line.substr(std::min(at, line.size()), 2);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  if (name != 'x' || digits.size() != 2 || end != digits.data() + digits.size()) {
    throw script_mistake(R"(a backslash without meaning; allowed: \r \n \t \0 \" \\ and \x with two hex digits)");
  }
  at += 2;
  return static_cast<char>(value);
}

std::string read_text(std::string_view line, std::size_t& at) {
  std::string text;
  while (at < line.size() && line[at] != '"') {
    const char next = line[at++];
    text += next == '\\' ? unescape(line, at) : next;
  }
  if (at == line.size()) throw script_mistake("a text without its closing quote");
  ++at;
  return text;
}

}  // namespace

std::vector<script_token> tokenize(std::string_view line) {
  using kind = script_token::kind;
  std::vector<script_token> tokens;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(spaces, at)) != line.npos && line[at] != '#') {
    if (line[at] == '"') {
      tokens.push_back({kind::text, read_text(line, ++at)});
    } else if (line[at] == ':' || line[at] == ',') {
      tokens.push_back({kind::mark, std::string(1, line[at++])});
    } else {
      const auto end = std::min(line.find_first_of(" \t\r\":,#", at), line.size());
      tokens.push_back({kind::word, std::string(line.substr(at, end - at))});
      at = end;
    }
  }
  tokens.push_back({});
  return tokens;
}

}  // namespace warmwire::emulator

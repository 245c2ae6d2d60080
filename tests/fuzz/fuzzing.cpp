#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace warmwire::fuzz {

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void require_equal(std::string_view first, std::string_view second, std::string_view what) {
  if (first == second) return;
  for (const auto each : {first, second}) {
    for (const char c : each)
      std::fprintf(stderr, c == '\n' || is_one_line({&c, 1}) ? "%c" : "\\x%02x", static_cast<unsigned char>(c));
    std::fputs("\n---\n", stderr);
  }
  require(false, what);
}

std::string_view next_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

std::string unescape(std::string_view text) {
  constexpr std::string_view names = "nr0\\";
  constexpr std::string_view meanings("\n\r\0\\", 4);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto name = text[at] == '\\' && at + 1 < text.size() ? names.find(text[at + 1]) : std::string_view::npos;
    if (name != std::string_view::npos) ++at;
    out += name == std::string_view::npos ? text[at] : meanings[name];
  }
  return out;
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// FNV-1a: the same everywhere, which std::hash does not promise.
dice::dice(std::string_view input) {
  std::uint32_t hash = 2166136261U;
  for (const char c : input)
    hash = static_cast<std::uint32_t>((hash ^ static_cast<unsigned char>(c)) * std::uint64_t{16777619U});
  engine_.seed(hash);
}

std::size_t dice::below(std::size_t end) {
  return engine_() % end;
}

std::vector<std::string_view> random_pieces(std::string_view whole, dice& random) {
  std::vector<std::string_view> pieces;
  const std::size_t longest = std::size_t{1} << random.below(8);
  while (!whole.empty()) {
    pieces.push_back(whole.substr(0, 1 + random.below(longest)));
    whole.remove_prefix(pieces.back().size());
  }
  return pieces;
}

std::vector<std::vector<std::string_view>> cuts(std::string_view whole) {
  dice random(whole);
  std::vector<std::vector<std::string_view>> ways(2);
  ways[0].push_back(whole);
  for (std::size_t at = 0; at < whole.size(); ++at)
    ways[1].push_back(whole.substr(at, 1));
  for (int i = 0; i < 3; ++i)
    ways.push_back(random_pieces(whole, random));
  return ways;
}

}  // namespace warmwire::fuzz

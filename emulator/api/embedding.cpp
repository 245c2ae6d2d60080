// The embeddings that the emulator gives.
#include "emulator/api/embedding.hpp"

#include "emulator/api/words.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace warmwire::emulator {
namespace {

// FNV-1a.
std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : word) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    hash = (hash ^ static_cast<unsigned char>(lower)) * 0x100000001b3ULL;
  }
  return hash;
}

// SplitMix64: the next of a row of well-mixed numbers.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t mixed = state += 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

void add_word(std::vector<float>& sum, std::string_view word) {
  std::uint64_t state = hash_of(word);
  for (float& value : sum) {
    const auto unit = static_cast<float>(next(state) >> 40U) / static_cast<float>(1U << 24U);  // 0 to 1
    value += unit * 2 - 1;
  }
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = bytes.size() - i;
    const auto byte = [&](std::size_t at) {
      return at < left ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + at])) : 0U;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out += letters[group >> 18U];
    out += letters[group >> 12U & 63U];
    out += left > 1 ? letters[group >> 6U & 63U] : '=';
    out += left > 2 ? letters[group & 63U] : '=';
  }
  return out;
}

}  // namespace

std::vector<float> embedding_of(std::string_view text, std::size_t dimensions) {
  std::vector<float> sum(dimensions);
  for (const auto word : words_of(text))
    add_word(sum, last_word(word));
  if (text.empty()) add_word(sum, {});
  float squares = 0;
  for (const float value : sum)
    squares += value * value;
  const float length = squares > 0 ? std::sqrt(squares) : 1;
  for (float& value : sum)
    value /= length;
  return sum;
}

std::string floats_as_json(const std::vector<float>& values) {
  std::string out = "[";
  std::array<char, 32> digits{};
  for (const float value : values) {
    if (out.size() > 1) out += ',';
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  }
  return out += "]";
}

std::string floats_as_base64(const std::vector<float>& values) {
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(bits >> shift & 0xFFU);
  }
  return base64(bytes);
}

}  // namespace warmwire::emulator

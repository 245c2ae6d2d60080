// What the fuzz targets share. Each target is a function of its input alone, and ends the process when a promise of the
// library is broken; whether the input comes from libFuzzer or from the kept corpus makes no difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// The target. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace warmwire::fuzz {

[[nodiscard]] std::string_view as_text(const std::uint8_t* data, std::size_t size);

/// Ends the process, saying what does not hold.
void require(bool holds, std::string_view what);

/// Ends the process, showing both, when they differ.
void require_equal(std::string_view first, std::string_view second, std::string_view what);

/// Takes the next line off `rest`, without its end.
std::string_view next_line(std::string_view& rest);

/// `\n`, `\r`, `\0` and `\\` as what they mean, so that a seed made of lines can hold them.
[[nodiscard]] std::string unescape(std::string_view text);

/// No control characters: fit for one line of a log or a terminal.
[[nodiscard]] bool is_one_line(std::string_view text);

/// Random numbers that follow from the input, so that the corpus needs no bytes for them and stays readable.
class dice {
 public:
  explicit dice(std::string_view input);
  /// At least 0, less than `end`, which is not 0.
  [[nodiscard]] std::size_t below(std::size_t end);

 private:
  std::minstd_rand engine_;
};

/// Ways to cut `whole`, which are to make no difference: uncut, byte by byte, and three at random.
[[nodiscard]] std::vector<std::vector<std::string_view>> cuts(std::string_view whole);
/// Pieces of random lengths.
[[nodiscard]] std::vector<std::string_view> random_pieces(std::string_view whole, dice& random);

}  // namespace warmwire::fuzz

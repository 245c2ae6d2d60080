// The embeddings that the emulator gives. Pure functions, any thread.
//
// The rule: each word, in lower case and without the punctuation around it, is a direction of its own made of a hash;
// a text is the sum of its words' directions, made one long. So texts with words in common are close.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::emulator {

[[nodiscard]] std::vector<float> embedding_of(std::string_view text, std::size_t dimensions);

/// "[0.5,-0.25]": the shortest decimals that read back the same.
[[nodiscard]] std::string floats_as_json(const std::vector<float>& values);

/// The values as 32-bit floats, the lowest byte first, in base64.
[[nodiscard]] std::string floats_as_base64(const std::vector<float>& values);

}  // namespace warmwire::emulator

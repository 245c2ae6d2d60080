// The words of the fault language for its enumerations, shared by the parser and the report.
#pragma once

#include "emulator/script.hpp"

#include <array>
#include <string_view>

namespace warmwire::emulator {

template <class Value>
struct word {
  std::string_view text;
  Value value;
};

inline constexpr std::array<word<fault::ending>, 6> ending_words{{{"close", fault::ending::close},
                                                                  {"truncate", fault::ending::truncate},
                                                                  {"half-close", fault::ending::half_close},
                                                                  {"reset", fault::ending::reset},
                                                                  {"stall", fault::ending::stall},
                                                                  {"vanish", fault::ending::vanish}}};

inline constexpr std::array<word<fault::body_framing>, 3> framing_words{{{"length", fault::body_framing::length},
                                                                         {"chunked", fault::body_framing::chunked},
                                                                         {"close", fault::body_framing::until_close}}};

inline constexpr std::array<word<fault::malformation>, 9> malformation_words{
    {{"conflicting-lengths", fault::malformation::conflicting_lengths},
     {"length-and-chunked", fault::malformation::length_and_chunked},
     {"chunk-size", fault::malformation::chunk_size},
     {"chunk-overflow", fault::malformation::chunk_overflow},
     {"huge-head", fault::malformation::huge_head},
     {"status-line", fault::malformation::status_line},
     {"nul-in-header", fault::malformation::nul_in_header},
     {"short-length", fault::malformation::short_length},
     {"long-length", fault::malformation::long_length}}};

}  // namespace warmwire::emulator

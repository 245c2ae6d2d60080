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

inline constexpr std::array<word<fault::ending>, 7> ending_words{{{"close", fault::ending::close},
                                                                  {"truncate", fault::ending::truncate},
                                                                  {"half-close", fault::ending::half_close},
                                                                  {"reset", fault::ending::reset},
                                                                  {"stall", fault::ending::stall},
                                                                  {"vanish", fault::ending::vanish},
                                                                  {"mute", fault::ending::mute}}};

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

inline constexpr std::array<word<h2_code>, 14> h2_code_words{{{"no-error", h2_code::no_error},
                                                              {"protocol-error", h2_code::protocol_error},
                                                              {"internal-error", h2_code::internal_error},
                                                              {"flow-control-error", h2_code::flow_control_error},
                                                              {"settings-timeout", h2_code::settings_timeout},
                                                              {"stream-closed", h2_code::stream_closed},
                                                              {"frame-size-error", h2_code::frame_size_error},
                                                              {"refused-stream", h2_code::refused_stream},
                                                              {"cancel", h2_code::cancel},
                                                              {"compression-error", h2_code::compression_error},
                                                              {"connect-error", h2_code::connect_error},
                                                              {"enhance-your-calm", h2_code::enhance_your_calm},
                                                              {"inadequate-security", h2_code::inadequate_security},
                                                              {"http-1-1-required", h2_code::http_1_1_required}}};

inline constexpr std::array<word<fault::flood_kind>, 6> flood_words{{{"settings", fault::flood_kind::settings},
                                                                     {"ping", fault::flood_kind::ping},
                                                                     {"continuation", fault::flood_kind::continuation},
                                                                     {"empty-data", fault::flood_kind::empty_data},
                                                                     {"rst", fault::flood_kind::rst},
                                                                     {"headers", fault::flood_kind::headers}}};

inline constexpr std::array<word<fault::frame_fault>, 9> frame_fault_words{
    {{"oversized", fault::frame_fault::oversized},
     {"stream-zero", fault::frame_fault::stream_zero},
     {"hpack", fault::frame_fault::hpack},
     {"uppercase-header", fault::frame_fault::uppercase_header},
     {"no-status", fault::frame_fault::no_status},
     {"two-statuses", fault::frame_fault::two_statuses},
     {"short-length", fault::frame_fault::short_length},
     {"long-length", fault::frame_fault::long_length},
     {"unknown-type", fault::frame_fault::unknown_type}}};

inline constexpr std::array<word<fault::event_malformation>, 5> event_malformation_words{
    {{"json", fault::event_malformation::json},
     {"shape", fault::event_malformation::shape},
     {"utf-8", fault::event_malformation::utf8},
     {"huge", fault::event_malformation::huge},
     {"empty", fault::event_malformation::empty}}};

inline constexpr std::array<word<fault::line_end>, 3> line_end_words{
    {{"lf", fault::line_end::lf}, {"crlf", fault::line_end::crlf}, {"cr", fault::line_end::cr}}};

inline constexpr std::array<word<content_coding>, 2> content_coding_words{
    {{"gzip", content_coding::gzip}, {"br", content_coding::br}}};

/// The word of a code that came over the wire; "unknown" for one that RFC 9113 does not name.
constexpr std::string_view h2_code_name(std::uint32_t code) {
  for (const auto& [name, known] : h2_code_words) {
    if (static_cast<std::uint32_t>(known) == code) return name;
  }
  return "unknown";
}

}  // namespace warmwire::emulator

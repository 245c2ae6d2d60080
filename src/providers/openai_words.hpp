// What both of OpenAI's APIs write alike. Pure.
#pragma once

#include "providers/json_writer.hpp"

#include <warmwire/chat.hpp>

#include <string_view>

namespace warmwire::providers {

/// The address of an image, or the image itself as one.
void write_image_url(json_writer& to, const image_part& image);

/// Of every choice but a named tool, which each API writes in its own way.
[[nodiscard]] std::string_view word_of(tool_choice::kind mode) noexcept;

}  // namespace warmwire::providers

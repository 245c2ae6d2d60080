#include "providers/openai_words.hpp"

namespace warmwire::providers {

void write_image_url(json_writer& to, const image_part& image) {
  if (image.bytes.empty()) {
    to.value(image.url);
  } else {
    to.base64("data:" + image.media_type + ";base64,", image.bytes);
  }
}

std::string_view word_of(tool_choice::kind mode) noexcept {
  switch (mode) {
    case tool_choice::kind::none:
      return "none";
    case tool_choice::kind::required:
      return "required";
    default:
      return "auto";
  }
}

}  // namespace warmwire::providers

// Conversations as files: JSON in, a request out.
#pragma once

#include "cli/image_file.hpp"

#include <warmwire/chat.hpp>

#include <string>
#include <string_view>

namespace warmwire::cli {

/// What `--help` says of the format.
extern const std::string_view conversation_help;

/// Reads the file, of 64 MiB at most, and the images that it names. Throws usage_error with the path and what is wrong.
[[nodiscard]] chat_request read_conversation(const std::string& path, image_access access = image_access::below_folder);

/// The same for its text; images are looked for below `folder`.
[[nodiscard]] chat_request parse_conversation(std::string_view text, const std::string& folder,
                                              image_access access = image_access::below_folder);

}  // namespace warmwire::cli

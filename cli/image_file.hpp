// Images that a conversation's file names: which may be read, and what they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::cli {

/// Whoever wrote a conversation may not be whoever runs it, and what is read is sent to a provider.
enum class image_access : std::uint8_t {
  below_folder,  ///< the conversation's own folder and those below it; a symbolic link does not lead out of it
  any_file,
};

struct image_file {
  std::string bytes;
  std::string media_type;
};

/// Reads a regular file of 64 MiB at most. `path` is relative to `folder` or absolute. Throws usage_error with the path
/// and what is wrong, also when the bytes are not those of an image.
[[nodiscard]] image_file read_image_file(const std::string& folder, const std::string& path, image_access access);

/// By its first bytes: "image/png", and those of JPEG, GIF, WebP, BMP, HEIF and AVIF; empty when they are none's.
[[nodiscard]] std::string_view image_type_of(std::string_view bytes) noexcept;

/// The file's bytes, be it a pipe or a regular one. Throws usage_error when it cannot be read or has more than 64 MiB.
[[nodiscard]] std::string read_whole_file(const std::string& path);

}  // namespace warmwire::cli

#include "cli/image_file.hpp"

#include "cli/command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace warmwire::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::size_t max_file_bytes = std::size_t{64} << 20;

class open_file {
 public:
  explicit open_file(const std::string& path, int flags)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (is_open()) ::close(descriptor_);
  }

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  [[nodiscard]] bool is_regular() const {
    struct stat found {};
    return ::fstat(descriptor_, &found) == 0 && S_ISREG(found.st_mode);
  }

  /// The next bytes; none at the end. Throws std::system_error.
  std::string_view read() {
    ssize_t count = 0;
    do {
      count = ::read(descriptor_, buffer_.data(), buffer_.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw std::system_error(errno, std::generic_category());
    return {buffer_.data(), static_cast<std::size_t>(count)};
  }

 private:
  const int descriptor_;
  std::array<char, 65536> buffer_{};
};

/// A size that was asked for beforehand would say nothing of what a device or a file of /proc holds.
std::string read_all(open_file& from, const std::string& path) {
  std::string out;
  try {
    for (auto piece = from.read(); !piece.empty(); piece = from.read()) {
      if (piece.size() > max_file_bytes - out.size()) throw usage_error("'" + path + "' is longer than 64 MiB");
      out += piece;
    }
  } catch (const std::system_error& failed) {
    throw usage_error("cannot read '" + path + "': " + failed.code().message());
  }
  return out;
}

/// Without links, which could lead anywhere.
fs::path resolved(const fs::path& path, const std::string& named) {
  std::error_code problem;
  auto out = fs::canonical(path, problem);
  if (problem) throw usage_error("cannot read '" + named + "'");
  return out;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

bool is_heif(std::string_view bytes) {
  constexpr std::array brands{"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "mif1"sv, "msf1"sv};
  return bytes.substr(4, 4) == "ftyp" && std::ranges::find(brands, bytes.substr(8, 4)) != brands.end();
}

}  // namespace

std::string_view image_type_of(std::string_view bytes) noexcept {
  if (bytes.size() < 12) return {};
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
  if (bytes.starts_with("BM") && bytes.substr(6, 4) == "\0\0\0\0"sv) return "image/bmp";
  if (bytes.substr(4, 4) == "ftyp" && bytes.substr(8, 3) == "avi") return "image/avif";
  return is_heif(bytes) ? "image/heic" : "";
}

image_file read_image_file(const std::string& folder, const std::string& path, image_access access) {
  const auto place = resolved(fs::path(folder) / path, path);
  if (access == image_access::below_folder && !is_below(place, resolved(folder.empty() ? "." : folder, path))) {
    throw usage_error("'" + path + "' is not below the conversation's folder; --allow-any-file allows it");
  }
  open_file file(place.string(), O_NOFOLLOW | O_NONBLOCK);
  if (!file.is_open() || !file.is_regular()) throw usage_error("cannot read '" + path + "': it is no regular file");
  image_file out{.bytes = read_all(file, path), .media_type = {}};
  out.media_type = image_type_of(out.bytes);
  if (out.media_type.empty()) {
    throw usage_error("'" + path + "' is no image: it begins as no PNG, JPEG, GIF, WebP, BMP, HEIF or AVIF does");
  }
  return out;
}

std::string read_whole_file(const std::string& path) {
  open_file file(path, 0);
  if (!file.is_open()) throw usage_error("cannot read '" + path + "'");
  return read_all(file, path);
}

}  // namespace warmwire::cli

// A file or directory that is read once and may change later. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace warmwire::net {

/// What tells one state of a file from another without reading it. Equal for two files that are not there.
struct file_stamp {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::int64_t size = 0;
  std::int64_t changed_s = 0;  ///< the inode's change, which no tool sets back
  std::int64_t changed_ns = 0;

  friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

[[nodiscard]] file_stamp stamp_of(const std::string& path);

struct watched_file {
  std::string path;
  file_stamp stamp;

  [[nodiscard]] bool has_changed() const { return stamp_of(path) != stamp; }
};

}  // namespace warmwire::net

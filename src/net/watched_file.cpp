#include "net/watched_file.hpp"

#include <sys/stat.h>

namespace warmwire::net {

file_stamp stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {.device = found.st_dev,
          .number = found.st_ino,
          .size = found.st_size,
          .changed_s = found.st_ctim.tv_sec,
          .changed_ns = found.st_ctim.tv_nsec};
}

}  // namespace warmwire::net

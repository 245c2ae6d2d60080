#include "net/fork_mark.hpp"

#include <cstddef>
#include <sys/mman.h>
#include <unistd.h>

namespace warmwire::net {

namespace {

std::size_t page_size() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

fork_mark::fork_mark() : owner_(::getpid()) {
  void* const page = ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (::madvise(page, page_size(), MADV_WIPEONFORK) != 0) {
    ::munmap(page, page_size());
    return;
  }
  page_ = static_cast<unsigned char*>(page);
  *page_ = 1;
}

fork_mark::~fork_mark() {
  if (page_ != nullptr) ::munmap(page_, page_size());
}

bool fork_mark::is_child() const noexcept {
  return page_ != nullptr ? *page_ == 0 : ::getpid() != owner_;
}

}  // namespace warmwire::net

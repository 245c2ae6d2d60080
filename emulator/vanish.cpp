// Silent loss without privileges.
#include "emulator/vanish.hpp"

#include <linux/filter.h>

#include <cerrno>
#include <sys/socket.h>

namespace warmwire::emulator {

std::error_code drop_everything_from_peer(int socket) {
  // One instruction: keep 0 bytes of the packet, which drops it.
  sock_filter drop_all{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &drop_all};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0) return {};
  return {errno, std::generic_category()};
}

}  // namespace warmwire::emulator

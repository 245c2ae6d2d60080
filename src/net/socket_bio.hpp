// OpenSSL's way to a non-blocking socket. Its own socket BIO writes with write(2), which raises SIGPIPE on a dead
// connection; this one never does, and keeps what the error queue forgets: the system's error and the peer's FIN.
#pragma once

#include "net/openssl_ptr.hpp"

#include <cerrno>

namespace warmwire::net {

/// What a socket BIO works on. Its owner keeps it in place for as long as the BIO lives.
struct bio_socket {
  int descriptor = -1;
  int error_number = 0;  ///< errno of the last call that failed for good
  bool saw_end = false;  ///< the peer's FIN was read
};

/// Whether a system call on a non-blocking socket said that it would have to wait.
[[nodiscard]] inline bool would_block(int error_number) noexcept {
  return error_number == EAGAIN || error_number == EWOULDBLOCK;
}

[[nodiscard]] bio_method_ptr make_socket_bio_method();

/// A BIO that borrows `socket`; it never closes the descriptor.
[[nodiscard]] bio_ptr make_socket_bio(const BIO_METHOD* method, bio_socket& socket);

}  // namespace warmwire::net

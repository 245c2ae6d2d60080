#include "net/socket_bio.hpp"

#include <cerrno>
#include <new>
#include <sys/socket.h>

namespace warmwire::net {
namespace {

bio_socket& socket_of(BIO* bio) {
  return *static_cast<bio_socket*>(BIO_get_data(bio));
}

int read_socket(BIO* bio, char* into, std::size_t size, std::size_t* moved) {
  bio_socket& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t count = 0;
  do {
    count = ::recv(socket.descriptor, into, size, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  *moved = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (count > 0) return 1;
  if (count == 0) {
    socket.saw_end = true;
  } else if (would_block(errno)) {
    BIO_set_retry_read(bio);
  } else {
    socket.error_number = errno;
  }
  return 0;
}

int write_socket(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
  bio_socket& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t count = 0;
  do {
    count = ::send(socket.descriptor, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  *moved = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (count > 0) return 1;
  if (would_block(errno)) {
    BIO_set_retry_write(bio);
  } else {
    socket.error_number = errno;
  }
  return 0;
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_EOF:
      return socket_of(bio).saw_end ? 1 : 0;
    case BIO_CTRL_FLUSH:  // nothing is held back; without this answer handshakes would fail
      return 1;
    default:
      return 0;
  }
}

int mark_socket_ready(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

}  // namespace

bio_method_ptr make_socket_bio_method() {
  bio_method_ptr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "warmwire socket"));
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_create(method.get(), mark_socket_ready);
  BIO_meth_set_read_ex(method.get(), read_socket);
  BIO_meth_set_write_ex(method.get(), write_socket);
  BIO_meth_set_ctrl(method.get(), control_socket);
  return method;
}

bio_ptr make_socket_bio(const BIO_METHOD* method, bio_socket& socket) {
  bio_ptr bio(BIO_new(method));
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio.get(), &socket);
  return bio;
}

}  // namespace warmwire::net

#include "net/nested_bio.hpp"

#include <openssl/err.h>

#include <cstddef>
#include <new>

namespace warmwire::net {
namespace {

/// OpenSSL asks the thread's error queue what a call meant. A call on the session below must find it empty, and the
/// session above must find its own error again: it may be in the middle of telling its peer about it.
class own_error_queue {
 public:
  own_error_queue() : before_(ERR_get_error()) { ERR_clear_error(); }
  own_error_queue(const own_error_queue&) = delete;
  own_error_queue& operator=(const own_error_queue&) = delete;
  ~own_error_queue() {
    ERR_clear_error();
    if (before_ != 0) ERR_raise(ERR_GET_LIB(before_), ERR_GET_REASON(before_));
  }

 private:
  unsigned long before_;
};

bio_link& link_of(BIO* bio) {
  return *static_cast<bio_link*>(BIO_get_data(bio));
}

/// Reading below may have to write first, and the other way round: the session above is told what to wait for.
int told(BIO* bio, const io_result& step, std::size_t* moved) {
  bio_link& link = link_of(bio);
  *moved = step.bytes;
  switch (step.status) {
    case io_status::done:
      return 1;
    case io_status::want_read:
      BIO_set_retry_read(bio);
      return 0;
    case io_status::want_write:
      BIO_set_retry_write(bio);
      return 0;
    case io_status::end:
      link.saw_end = true;
      return 0;
    case io_status::failed:
      link.failure = step.reason;
      return 0;
  }
  return 0;
}

int read_below(BIO* bio, char* into, std::size_t size, std::size_t* moved) {
  BIO_clear_retry_flags(bio);
  const own_error_queue separate;
  return told(bio, link_of(bio).below->carry_in({into, size}), moved);
}

int write_below(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
  BIO_clear_retry_flags(bio);
  const own_error_queue separate;
  return told(bio, link_of(bio).below->carry_out({from, size}), moved);
}

long control_nested(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_EOF:
      return link_of(bio).saw_end ? 1 : 0;
    case BIO_CTRL_FLUSH:
      return 1;
    default:
      return 0;
  }
}

int mark_nested_ready(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

bio_method_ptr make_method() {
  // No index of its own: nobody searches a chain for this kind.
  bio_method_ptr method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "warmwire nested session"));
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_create(method.get(), mark_nested_ready);
  BIO_meth_set_read_ex(method.get(), read_below);
  BIO_meth_set_write_ex(method.get(), write_below);
  BIO_meth_set_ctrl(method.get(), control_nested);
  return method;
}

}  // namespace

bio_ptr make_nested_bio(bio_link& link) {
  static const bio_method_ptr method = make_method();
  bio_ptr bio(BIO_new(method.get()));
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio.get(), &link);
  return bio;
}

}  // namespace warmwire::net

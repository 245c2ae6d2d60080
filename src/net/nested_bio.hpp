// OpenSSL's way to bytes that travel inside another TLS session: TLS to an origin through TLS to a proxy.
#pragma once

#include "net/openssl_ptr.hpp"
#include "net/stream.hpp"

#include <span>
#include <system_error>

namespace warmwire::net {

/// What carries the bytes of a nested session: `try_read` and `try_write` as a stream has them.
class carrier {
 public:
  virtual io_result carry_in(std::span<char> into) = 0;
  virtual io_result carry_out(std::span<const char> from) = 0;

 protected:
  ~carrier() = default;
};

/// What a nested BIO works on, and what its last call left behind. Its owner keeps it in place for as long as the BIO
/// lives.
struct bio_link {
  carrier* below = nullptr;
  std::error_code failure{};  ///< why the session below has failed
  bool saw_end = false;       ///< the session below has ended, in order or not
};

/// A BIO that borrows `link`.
[[nodiscard]] bio_ptr make_nested_bio(bio_link& link);

}  // namespace warmwire::net

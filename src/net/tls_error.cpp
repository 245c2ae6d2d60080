#include "net/tls_error.hpp"

#include <openssl/err.h>

#include <cstring>

namespace warmwire::net {
namespace {

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }

  [[nodiscard]] std::string message(int value) const override {
    const auto packed = static_cast<unsigned long>(static_cast<unsigned int>(value));
    if (ERR_SYSTEM_ERROR(packed)) return std::generic_category().message(ERR_GET_REASON(packed));
    const char* reason = ERR_reason_error_string(packed);
    return reason != nullptr ? reason : "unknown TLS error " + std::to_string(packed);
  }
};

}  // namespace

const std::error_category& tls_category() noexcept {
  static const category instance;
  return instance;
}

std::error_code take_tls_error() noexcept {
  const unsigned long packed = ERR_get_error();
  ERR_clear_error();
  const auto code = packed != 0 ? packed : static_cast<unsigned long>(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR));
  return {static_cast<int>(static_cast<unsigned int>(code)), tls_category()};
}

}  // namespace warmwire::net

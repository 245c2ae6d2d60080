// Which header fields carry secrets. Pure.
#pragma once

#include <warmwire/headers.hpp>

#include <span>
#include <string>
#include <string_view>

namespace warmwire::http {

/// A field that is there to say who asks: Authorization, Cookie, the keys of the known providers. In any case.
[[nodiscard]] bool is_credential(std::string_view name) noexcept;

/// Whether a name, of a field or a parameter and in any case, speaks of a key, a token, a password or the like.
[[nodiscard]] bool speaks_of_secret(std::string_view name) noexcept;

/// Whether the fields of a request say who asks; `secret_names` are the caller's own names for it, see
/// `request::secret_headers`.
[[nodiscard]] bool has_credential(const headers& fields, std::span<const std::string> secret_names) noexcept;

/// Tells the fields of one request that no compression table may keep (RFC 7541 §7.1.3): those above, those whose name
/// speaks of a secret, and those whose value holds what a credential of the request does.
/// Views the fields.
class secret_fields {
 public:
  secret_fields(const headers& fields, std::span<const std::string> secret_names);

  [[nodiscard]] bool holds(std::string_view name, std::string_view value) const noexcept;

 private:
  std::span<const std::string> names_;
  std::string_view credential_;  ///< the first one's value without its scheme; empty when there is none
};

}  // namespace warmwire::http

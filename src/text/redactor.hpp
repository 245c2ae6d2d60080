// Takes secrets out of texts that a peer wrote. A plain value.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/secret.hpp>

#include <string>
#include <vector>

namespace warmwire::text {

/// Knows the secrets of one client. A peer that echoes one, whole, escaped for JSON or for a URL, or cut off
/// at the end of its text, does not get it into an error.
class redactor {
 public:
  /// Texts of fewer than four characters are no secrets: replacing them would only garble messages.
  void add(const secret& value);

  /// `text` with every secret replaced by `[redacted]`.
  [[nodiscard]] std::string operator()(std::string text) const;
  /// The same for every text of an error.
  [[nodiscard]] error operator()(error reason) const;

 private:
  std::vector<secret> forms_;
};

}  // namespace warmwire::text

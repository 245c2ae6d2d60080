// The gate that texts of others pass before they are shown: without secrets, printable, bounded. A plain value.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::text {

struct unescaped;
struct range;

/// Knows the secrets of one client. A peer that echoes one does not get it into an error: not whole, as it is, in
/// base64, or escaped for JSON, a URL or HTML, also twice; nor cut off at the end of its text.
class redactor {
 public:
  /// Texts of fewer than four characters are no secrets: replacing them would only garble messages.
  void add(const secret& value);

  /// `text` with every secret replaced by `[redacted]`, in time that grows with its length alone.
  [[nodiscard]] std::string operator()(std::string text) const;
  /// The gate: redacted, then `printable`. Of a long text only as much is looked at as may be shown.
  [[nodiscard]] std::string shown(std::string_view text, std::size_t max_bytes) const;
  /// The same for every text of an error, its message of 4,000 bytes at most.
  [[nodiscard]] error operator()(error reason) const;

 private:
  enum class form : std::uint8_t { as_it_is, base64 };
  struct known {
    secret what;
    form in;
    std::vector<std::size_t> borders;  ///< of each beginning: how long a beginning it ends in, beside itself
  };

  void add_form(std::string_view what, form in);
  /// Adds the places in `in` to `out`.
  static void find(const known& each, const unescaped& in, std::vector<range>& out);

  std::vector<known> known_;
};

}  // namespace warmwire::text

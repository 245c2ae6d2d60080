// A string that cannot be printed: API keys, proxy passwords. A plain value; copy and move freely.
#pragma once

#include <warmwire/detail/visibility.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace WARMWIRE_PUBLIC warmwire {

/// Holds a credential. There is no conversion to a string: the one way to the text is `reveal()`, so that every place
/// that uses a secret can be found by its name. Streaming it writes `[redacted]`. Memory that it gives up is
/// overwritten first, be it destroyed, assigned to or moved from; what was copied out of `reveal()`, such as a
/// request's header, is the copier's affair.
class secret {
 public:
  secret() = default;
  /// A string that is moved in leaves nothing behind; one that is copied in stays where it was.
  explicit secret(std::string text);
  secret(const secret&) = default;
  secret(secret&& other) noexcept;
  secret& operator=(const secret& other);
  secret& operator=(secret&& other) noexcept;
  ~secret();

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// The text itself, for the one place that puts it on the wire.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

  friend bool operator==(const secret&, const secret&) = default;

  friend std::ostream& operator<<(std::ostream& out, const secret& value) {
    return out << (value.empty() ? "[empty]" : "[redacted]");
  }

 private:
  std::string text_;
};

}  // namespace warmwire

// The environment variables that one provider's client may read. Pure: the environment is an argument.
#pragma once

#include "providers/profile.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// As `secure_getenv`: nullptr for a variable that is not set.
using environment = std::function<const char*(const char* name)>;

/// Without the blanks and line breaks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Reads variables of the provider's own name, "my-groq" MY_GROQ_…, and of the known provider that it is, once that is
/// allowed. A variable that is empty or blank counts as unset. Must not outlive the environment.
class variables {
 public:
  variables(const environment& read, std::string_view provider);

  /// From now on also those of `known`: what they hold was made for it.
  void allow(const profile& known) { known_ = &known; }

  /// NAME_`part`, the own one first; empty when there is none.
  [[nodiscard]] std::string get(std::string_view part) const;
  [[nodiscard]] std::string own(std::string_view part) const;
  /// A variable by its whole name, where the known provider's are allowed; empty otherwise.
  [[nodiscard]] std::string known(std::string_view name) const;

  /// The names that `get` looks at, for messages.
  [[nodiscard]] std::string names(std::string_view part) const;

 private:
  [[nodiscard]] std::string look_up(const std::string& name) const;

  const environment& read_;
  const std::string own_;
  const profile* known_ = nullptr;
};

}  // namespace warmwire::providers

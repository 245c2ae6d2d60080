#include "text/printable.hpp"

#include <warmwire/long_lease.hpp>

namespace warmwire {

std::string long_lease::to_string() const {
  constexpr std::size_t longest_word = 200;
  std::string line = is_back ? "long lease is back: " : "long lease: ";
  line += text::printable(provider, longest_word) + " " + origin;
  line += " connection " + std::to_string(connection_id) + (is_back ? " was held for " : " held for ");
  line += std::to_string(held_for.count() / 1000) + " s";
  if (!tag.empty()) line += " by " + text::printable(tag, longest_word);
  return line;
}

}  // namespace warmwire

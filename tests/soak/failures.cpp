#include "tests/soak/failures.hpp"

#include <iostream>
#include <set>
namespace warmwire::test {
std::string find_fault_with(const error& failure, std::string_view protocol) {
  static std::set<std::string> seen;
  std::string t = std::string(protocol) + " " + failure.to_string();
  std::string norm;
  for (char c : t)
    norm += (c >= '0' && c <= '9') ? '#' : c;
  if (seen.size() < 300 && seen.insert(norm).second) std::cerr << t << "\n";
  return "";
}
}  // namespace warmwire::test

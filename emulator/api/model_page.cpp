// A page of a list of models.
#include "emulator/api/model_page.hpp"

#include <algorithm>
#include <charconv>

namespace warmwire::emulator {

std::string_view query_value(const request& what, std::string_view name) {
  std::string_view query = what.target;
  query.remove_prefix(what.path().size());
  while (!query.empty()) {
    query.remove_prefix(1);
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size());
    const auto equals = std::min(part.find('='), part.size());
    if (part.substr(0, equals) == name) return part.substr(std::min(equals + 1, part.size()));
  }
  return {};
}

model_page page_of(std::size_t count, std::size_t begin, std::string_view size) {
  std::size_t wanted = count;
  std::from_chars(size.data(), size.data() + size.size(), wanted);
  begin = std::min(begin, count);
  return {.begin = begin, .end = begin + std::min(std::max<std::size_t>(wanted, 1), count - begin)};
}

}  // namespace warmwire::emulator

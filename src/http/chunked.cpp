#include "http/chunked.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace warmwire::http {

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty()) return;
  std::array<char, 2 * sizeof(std::size_t)> size{};
  const auto digits = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16);
  const std::string_view size_text(size.data(), static_cast<std::size_t>(digits.ptr - size.data()));
  out.reserve(out.size() + size_text.size() + data.size() + 4);
  out.append(size_text).append("\r\n").append(data).append("\r\n");
}

}  // namespace warmwire::http

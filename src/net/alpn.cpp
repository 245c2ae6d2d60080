#include "net/alpn.hpp"

#include <algorithm>

namespace warmwire::net {

std::string_view to_string(protocol which) noexcept {
  return which == protocol::h2 ? "h2" : "http/1.1";
}

std::optional<protocol> protocol_named(std::string_view name) noexcept {
  for (const auto which : {protocol::http1, protocol::h2}) {
    if (name == to_string(which)) return which;
  }
  return std::nullopt;
}

std::optional<protocol> agreed(std::string_view picked, std::span<const protocol> offered) noexcept {
  const auto spoken = picked.empty() ? protocol::http1 : protocol_named(picked);
  const bool is_offered =
      offered.empty() ? spoken == protocol::http1 : std::ranges::find(offered, spoken) != offered.end();
  return is_offered ? spoken : std::nullopt;
}

std::string on_the_wire(std::span<const protocol> offered) {
  std::string list;
  for (const auto which : offered) {
    const auto name = to_string(which);
    list.push_back(static_cast<char>(name.size()));
    list.append(name);
  }
  return list;
}

}  // namespace warmwire::net

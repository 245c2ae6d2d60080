// Hosts that are reached without crossing a network of others. Pure.
#pragma once

#include <string_view>

namespace warmwire::http {

/// Whether `host`, in lower case and without brackets, is this machine or on a private network: loopback, link-local
/// and private addresses (RFC 1918, RFC 4193, RFC 6598), names of one part, and those below localhost, local, internal
/// and home.arpa (RFC 6761, RFC 6762, RFC 8375). A name of another kind counts as public wherever it leads.
[[nodiscard]] bool is_private_host(std::string_view host) noexcept;

}  // namespace warmwire::http

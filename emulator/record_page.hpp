// What came, for programs outside of the server's own: the page of the last requests. Pure function, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/report.hpp"
#include "emulator/request.hpp"

#include <string_view>

namespace warmwire::emulator {

/// Answered only by a server that records; never recorded itself.
inline constexpr std::string_view record_path = "/_emulator/requests";

/// At most so many requests, the last ones, are on a page.
inline constexpr std::size_t max_page_requests = 100;

/// The last requests of `seen` in the order of their arrival, as JSON: number, connection, method, target, headers,
/// body and whether it came completely. `?after=N` leaves out those up to number N. Status 403 when Host is neither
/// localhost nor an address: it may be a web page's that had its name resolved to this machine.
[[nodiscard]] answer record_page(const request& what, const report& seen);

}  // namespace warmwire::emulator

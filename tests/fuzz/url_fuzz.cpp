// URLs: of base URLs, of requests, of proxies.
#include "http/ascii.hpp"
#include "http/url.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>

namespace {

using namespace warmwire;
using fuzz::require;

bool is_in_lower_case(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return http::to_lower(c) == c; });
}

bool is_for_a_request_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

void check_parts(const http::url& made, std::string_view text) {
  require(!made.host.empty() && made.host.size() <= 253, "a host has 1 to 253 characters");
  require(is_in_lower_case(made.host), "a host is in lower case");
  require(made.host.find_first_of("@/?#[]%\\") == std::string::npos, "a host has no delimiters");
  require(made.port != 0, "a port is not 0");
  require(made.target.starts_with('/'), "a target begins with a slash");
  require(is_for_a_request_line(made.target), "a target can stand in a request line");
  require(is_for_a_request_line(made.authority), "an authority can stand in a Host field");
  require(made.target == "/" || text.find(made.target.substr(1)) != std::string_view::npos,
          "a target is written as it was given");
}

bool is_same(const http::url& left, const http::url& right) {
  return left.scheme == right.scheme && left.host == right.host && left.port == right.port &&
         left.authority == right.authority && left.target == right.target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto made = http::parse_url(text);
  if (!made) {
    const auto& reason = made.error();
    require(reason.code == errc::invalid_url || reason.code == errc::unsupported_scheme, "the documented errors");
    require(fuzz::is_one_line(reason.message), "a message has no control characters");
    require(reason.message.find("hunter2") == std::string::npos, "a message repeats no credentials, path or query");
    return 0;
  }
  require(text.size() <= http::max_url_bytes, "a long URL is refused");
  check_parts(*made, text);
  const auto again = http::parse_url(made->origin() + made->target);
  require(again.has_value(), "what is printed can be read");
  require(is_same(*made, *again), "what is printed and read is the same");
  return 0;
}

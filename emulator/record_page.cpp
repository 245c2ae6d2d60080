// The page of the last requests.
#include "emulator/record_page.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/model_page.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::emulator {
namespace {

void append_headers(std::string& out, const seen_request& of) {
  bool is_first = true;
  for (const auto& [name, value] : of.headers) {
    out += is_first ? "[" : ",[";
    append_json_string(out, name);
    out += ',';
    append_json_string(out, value);
    out += ']';
    is_first = false;
  }
}

void append_request(std::string& out, const seen_request& each) {
  out.append(R"({"number":)").append(std::to_string(each.number));
  out.append(R"(,"connection":)").append(std::to_string(each.connection)).append(R"(,"method":)");
  append_json_string(out, each.method);
  out += R"(,"target":)";
  append_json_string(out, each.target);
  out += R"(,"headers":[)";
  append_headers(out, each);
  out += R"(],"body":)";
  append_json_string(out, each.body);
  out.append(R"(,"complete":)").append(each.complete ? "true}" : "false}");
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_localhost(std::string_view host) {
  constexpr std::string_view name = "localhost";
  return host.size() == name.size() &&
         std::equal(host.begin(), host.end(), name.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

// A page in a browser may have its own name resolved to this machine (DNS rebinding) and would then read what came,
// keys among it. Its name is in Host, and no address can be its name.
bool is_asked_by_address(const request& what) {
  const auto* given = what.find("host");
  if (given == nullptr) given = what.find(":authority");
  if (given == nullptr) return true;
  const auto host = without_port(*given);
  const bool is_v4 = !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_v4 || host.starts_with('[') || is_localhost(host);
}

}  // namespace

answer record_page(const request& what, const report& seen) {
  if (!is_asked_by_address(what)) {
    return error_answer({.status = 403,
                         .message = "What came is shown to whoever asks for it as localhost or by an address",
                         .code = "wrong_host"});
  }
  std::uint64_t after = 0;
  const auto wanted = query_value(what, "after");
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), after);
  std::vector<const seen_request*> shown;
  for (const seen_request& each : seen.arrivals) {
    if (each.number > after) shown.push_back(&each);
  }
  std::sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->number < b->number; });
  if (shown.size() > max_page_requests) shown.erase(shown.begin(), shown.end() - max_page_requests);
  answer said;
  append_field(said.fields, "Content-Type", "application/json");
  said.body = R"({"requests":[)";
  for (const seen_request* each : shown) {
    if (said.body.back() == '}') said.body += ',';
    append_request(said.body, *each);
  }
  said.body += "]}\n";
  return said;
}

}  // namespace warmwire::emulator

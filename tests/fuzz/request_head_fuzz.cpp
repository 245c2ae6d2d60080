// Request heads: what a caller gives, hostile callers included, never makes two requests of one or ends a field early.
// Input: method, URL, user agent and body on a line each, then one field per line; `\n` and `\r` in them are escapes.
#include "http/ascii.hpp"
#include "http/request_head.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <charconv>

namespace {

using namespace warmwire;
using fuzz::require;
using http::framing;

struct parts {
  std::string method;
  http::url url;
  std::string user_agent;
  http::framing framing = framing::none;
  std::uint64_t body_length = 0;
  headers fields;
};

/// "chunked", a length, or no body.
void read_body(std::string_view line, parts& into) {
  if (line == "chunked") into.framing = framing::chunked;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), into.body_length);
  if (parsed.ec == std::errc()) into.framing = framing::length;
}

std::optional<parts> read_parts(std::string_view text) {
  parts given;
  given.method = fuzz::unescape(fuzz::next_line(text));
  const auto url = http::parse_url(fuzz::next_line(text));
  if (!url) return std::nullopt;
  given.url = *url;
  given.user_agent = fuzz::unescape(fuzz::next_line(text));
  read_body(fuzz::next_line(text), given);
  while (!text.empty()) {
    const auto line = fuzz::unescape(fuzz::next_line(text));
    const auto colon = std::min(line.find(':'), line.size());
    const auto value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    given.fields.add(line.substr(0, colon), line.substr(value));
  }
  return given;
}

struct line {
  std::string_view name;
  std::string_view value;
};

/// Reads a head strictly: CRLF ends lines and nothing else does.
std::vector<line> read_lines(std::string_view head, const parts& given) {
  const std::string first = given.method + ' ' + given.url.target + " HTTP/1.1\r\n";
  require(head.starts_with(first), "the head begins with the request line");
  head.remove_prefix(first.size());
  std::vector<line> lines;
  for (;;) {
    const auto end = head.find("\r\n");
    require(end != std::string_view::npos, "every line ends");
    const auto text = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (text.empty()) break;
    require(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a line is one line");
    const auto colon = text.find(": ");
    require(colon != std::string_view::npos && http::is_token(text.substr(0, colon)), "a line is a field");
    lines.push_back({.name = text.substr(0, colon), .value = text.substr(colon + 2)});
  }
  require(head.empty(), "the head ends with the first empty line");
  return lines;
}

std::size_t count(const std::vector<line>& lines, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [name](const line& each) { return http::iequals(each.name, name); }));
}

void check_head(std::string_view head, const parts& given) {
  const auto lines = read_lines(head, given);
  require(lines.size() >= given.fields.size(), "no field is lost");
  auto written = lines.begin();
  for (const auto& [name, value] : given.fields) {
    require(written->name == name && written->value == value, "the caller's fields come first, as they were given");
    ++written;
  }
  require(count(lines, "host") == 1, "there is one Host field");
  require(count(lines, "content-length") <= (given.framing == framing::chunked ? 0U : 1U), "at most one length");
  require(count(lines, "transfer-encoding") == (given.framing == framing::chunked ? 1U : 0U), "chunked only if told");
}

/// Another reader of HTTP takes the head for the same request.
void check_by_beast(std::string_view head, const parts& given) {
  // These the caller may fill with anything; Beast wants lists of tokens.
  if (given.fields.contains("connection") || given.fields.contains("proxy-connection")) return;
  namespace beast_http = boost::beast::http;
  beast_http::request_parser<beast_http::empty_body> parser;
  parser.header_limit(1U << 20U);
  parser.skip(true);
  boost::beast::error_code ec;
  const auto taken = parser.put(boost::asio::buffer(head.data(), head.size()), ec);
  require(!ec && taken == head.size() && parser.is_header_done(), "Beast reads the whole head");
  require(parser.get().method_string() == given.method && parser.get().target() == given.url.target, "as it is meant");
  const auto fields = std::distance(parser.get().begin(), parser.get().end());
  require(fields >= static_cast<std::ptrdiff_t>(given.fields.size()), "with all of its fields");
}

void check_headers(headers fields) {
  if (fields.empty()) return;
  const auto name = fields.begin()->name;
  std::size_t others = 0;
  for (const auto& field : fields)
    others += http::iequals(field.name, name) ? 0 : 1;
  fields.set(fields.begin()->name, "new");
  require(fields.size() == others + 1 && fields.get(name) == "new", "set() leaves one field of the name");
  fields.remove(fields.begin()->name);
  require(fields.size() == others && !fields.contains(name), "remove() leaves none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = read_parts(fuzz::as_text(data, size));
  if (!given) return 0;
  check_headers(given->fields);
  std::string out = "before";
  const auto appended = http::append_request_head(out, {.method = given->method,
                                                        .url = given->url,
                                                        .fields = given->fields,
                                                        .framing = given->framing,
                                                        .body_length = given->body_length,
                                                        .user_agent = given->user_agent});
  if (!appended) {
    require(out == "before", "a refused head leaves nothing");
    require(appended.error().code == errc::invalid_header, "the documented error");
    require(fuzz::is_one_line(appended.error().message), "a message has no control characters");
    const bool is_in_name = std::any_of(given->fields.begin(), given->fields.end(), [](const header& field) {
      return field.name.find("hunter2") != std::string::npos;
    });
    require(is_in_name || appended.error().message.find("hunter2") == std::string::npos, "it never holds a value");
    return 0;
  }
  require(out.starts_with("before"), "the head is appended");
  check_head(std::string_view(out).substr(6), *given);
  check_by_beast(std::string_view(out).substr(6), *given);
  return 0;
}

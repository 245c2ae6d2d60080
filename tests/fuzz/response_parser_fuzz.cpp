// The HTTP/1.x response path: whatever a server sends, cut anywhere, ended anywhere.
#include "connection/response_parser.hpp"
#include "http/ascii.hpp"
#include "http/keep_alive.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace {

using namespace warmwire;
using connection::response_parser;
using connection::response_rules;
using fuzz::require;

/// All that a caller can see.
struct outcome {
  std::optional<errc> failure;
  bool begun = false;
  bool head_done = false;
  bool done = false;
  bool persistent = false;
  bool leftover = false;
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<std::uint64_t> remaining;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome look(response_parser& parser, std::optional<errc> failure) {
  outcome seen;
  seen.failure = failure;
  seen.begun = parser.has_begun();
  seen.head_done = parser.is_head_done();
  seen.body = parser.body();
  require(parser.body_bytes() == seen.body.size(), "body_bytes() counts what is in body()");
  if (failure || !seen.head_done) return seen;
  seen.done = parser.is_done();
  seen.persistent = parser.is_persistent();
  seen.leftover = parser.has_leftover();
  seen.status = parser.status();
  seen.remaining = parser.remaining();
  for (const auto& [name, value] : parser.headers())
    seen.fields.emplace_back(name, value);
  return seen;
}

bool is_parse_error(errc code) {
  return code == errc::header_section_too_large || code == errc::conflicting_length || code == errc::invalid_chunk ||
         code == errc::malformed_response;
}

outcome parse(response_parser& parser, const std::vector<std::string_view>& pieces, const response_rules& rules) {
  parser.begin(rules);
  for (const auto piece : pieces) {
    const auto fed = parser.feed(piece);
    if (fed) continue;
    require(is_parse_error(fed.error().code), "feed() fails with one of its documented errors");
    require(fuzz::is_one_line(fed.error().message), "an error's message has no control characters");
    return look(parser, fed.error().code);
  }
  return look(parser, std::nullopt);
}

std::vector<std::string_view> values_of(const outcome& seen, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : seen.fields) {
    if (http::iequals(field, name)) values.push_back(value);
  }
  return values;
}

void check_head(const outcome& seen) {
  require(seen.status >= 200 && seen.status <= 999, "a final status has three digits and is no interim one");
  std::size_t bytes = 0;
  for (const auto& [name, value] : seen.fields) {
    require(http::is_token(name), "a field's name is a token");
    require(http::is_field_value(value), "a field's value has no control characters");
    bytes += name.size() + value.size();
  }
  require(bytes <= connection::max_header_section_bytes, "no more fields are kept than the limit allows");
}

void check_coding(const outcome& seen) {
  const auto codings = values_of(seen, "transfer-encoding");
  require(codings.size() == 1, "there is one coding");
  const auto coding = http::trim(codings.front());
  require(http::iequals(coding, "chunked") || http::iequals(coding, "identity"), "no other coding is taken");
}

void check_framing(const outcome& seen, const response_rules& rules, bool is_http_1_0) {
  const auto lengths = values_of(seen, "content-length");
  const bool has_coding = !values_of(seen, "transfer-encoding").empty();
  require(lengths.empty() || !has_coding, "length and coding never come together");
  require(!has_coding || !is_http_1_0 || !seen.persistent, "a coding in HTTP/1.0 leaves its connection in doubt");
  const bool has_no_body = rules.answers_head || seen.status == 204 || seen.status == 304;
  require(!has_no_body || seen.body.empty(), "HEAD, 204 and 304 have no body");
  const bool has_none_at_all = seen.status == 204 || seen.status == 304;
  require(!has_coding || !has_none_at_all || !seen.persistent, "a coding where there is no body leaves it in doubt");
  if (has_coding && !has_no_body) check_coding(seen);
  if (lengths.empty() || has_no_body) return;
  std::uint64_t length = 0;
  const auto text = http::trim(lengths.front().substr(0, lengths.front().find(',')));  // "5, 5" is 5
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), length);
  require(parsed.ec == std::errc() && parsed.ptr == text.data() + text.size(), "a length is a number");
  require(seen.remaining == length - seen.body.size(), "what remains is the length less what has come");
  require(seen.done == (seen.body.size() == length), "the response is complete with its last byte");
}

void check(const outcome& seen, const response_rules& rules, const response_parser& parser) {
  require(!seen.failure || !seen.done, "a failed response is not complete");
  if (seen.failure || !seen.head_done) return;
  check_head(seen);
  check_framing(seen, rules, parser.is_http_1_0());
  require(seen.done || !seen.persistent, "only a complete response leaves its connection reusable");
  require(seen.done || !seen.leftover, "only a complete response can be followed");
  headers fields;
  for (const auto& [name, value] : seen.fields)
    fields.add(name, value);
  const auto version = parser.is_http_1_0() ? http::version::http_1_0 : http::version::http_1_1;
  require(!seen.persistent || http::parse_keep_alive(version, fields).is_persistent,
          "a connection is not kept against the response's Connection field");
}

/// A broken head may be noticed late, since its end is waited for.
bool is_same(const outcome& left, const outcome& right) {
  if (left.failure != right.failure && (!left.failure || !right.failure)) return !left.head_done && !right.head_done;
  return left == right;
}

/// What another reader makes of it; nothing where that refuses it, or has not come to its end.
std::optional<outcome> read_by_beast(std::string_view bytes, const response_rules& rules) {
  namespace beast_http = boost::beast::http;
  for (int interim = 0; interim <= connection::max_interim_responses; ++interim) {
    beast_http::response_parser<beast_http::string_body> parser;
    parser.eager(true);
    parser.header_limit(2 * connection::max_header_section_bytes);
    parser.body_limit(boost::none);
    parser.skip(rules.answers_head);
    boost::beast::error_code ec;
    // It asserts that the end of a chunked body comes in one piece, which it does here.
    const auto taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
    if (ec || !parser.is_done()) return std::nullopt;
    bytes.remove_prefix(taken);
    auto& read = parser.get();
    if (read.result_int() / 100 == 1) continue;
    outcome out;
    out.status = static_cast<int>(read.result_int());
    out.body = read.body();
    out.leftover = !bytes.empty();
    return out;
  }
  return std::nullopt;
}

/// Two readers who both take a response must not differ on where it ends.
void check_by_beast(const outcome& seen, std::string_view bytes, const response_rules& rules) {
  if (seen.failure || !seen.done) return;
  const auto other = read_by_beast(bytes, rules);
  if (!other) return;
  require(other->status == seen.status, "another reader sees the same status");
  require(other->body == seen.body, "another reader sees the same body");
  require(other->leftover == seen.leftover, "another reader sees the same end");
}

void check_end(std::string_view bytes, const response_rules& rules) {
  for (const auto how : {response_parser::ending::in_order, response_parser::ending::truncatable}) {
    response_parser parser;
    const auto before = parse(parser, {bytes}, rules);
    if (before.failure) return;
    const auto ended = parser.feed_end(how);
    const auto after = look(parser, std::nullopt);
    require(ended.has_value() == after.done, "an end is in order where the response is complete by it");
    require(after.body == before.body, "the end adds nothing to the body");
    if (before.done) {
      require(ended.has_value(), "an end after the response is in order");
    } else if (ended) {
      require(how == response_parser::ending::in_order, "an end that TLS does not vouch for completes nothing");
      require(!before.remaining, "an end completes no response that has a length");
      require(!after.persistent, "nothing follows the end");
    } else {
      require(ended.error().code == (bytes.empty() ? errc::connection_lost : errc::stream_interrupted),
              "an early end is an error that says whether a response had begun");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  fuzz::dice random(bytes);
  for (const bool answers_head : {false, true}) {
    const response_rules rules{.answers_head = answers_head};
    std::optional<outcome> first;
    response_parser parser;  // the same for all: nothing of a response may reach the next one
    for (const auto& pieces : fuzz::cuts(bytes)) {
      const auto seen = parse(parser, pieces, rules);
      check(seen, rules, parser);
      require(!first || is_same(*first, seen), "the result does not depend on how the bytes were cut");
      first = seen;
      parser.release();
    }
    check_by_beast(*first, bytes, rules);
    check_end(bytes, rules);
    check_end(bytes.substr(0, random.below(bytes.size() + 1)), rules);
  }
  return 0;
}

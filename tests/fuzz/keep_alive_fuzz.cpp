// The keep-alive hints of a response. Input: one field per line.
#include "http/ascii.hpp"
#include "http/keep_alive.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>

namespace {

using namespace warmwire;
using fuzz::require;
using http::keep_alive;
using http::version;

headers read_fields(std::string_view text) {
  headers fields;
  while (!text.empty()) {
    const auto line = fuzz::next_line(text);
    const auto colon = std::min(line.find(':'), line.size());
    fields.add(fuzz::unescape(line.substr(0, colon)),
               fuzz::unescape(http::trim(line.substr(std::min(colon + 1, line.size())))));
  }
  return fields;
}

bool is_same(const keep_alive& left, const keep_alive& right) {
  return left.is_persistent == right.is_persistent && left.timeout == right.timeout &&
         left.max_requests == right.max_requests;
}

headers reversed(const headers& fields) {
  headers out;
  for (auto field = fields.end(); field != fields.begin();) {
    --field;
    out.add(field->name, field->value);
  }
  return out;
}

headers in_upper_case(const headers& fields) {
  const auto raise = [](std::string text) {
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
  };
  headers out;
  for (const auto& [name, value] : fields)
    out.add(raise(name), raise(value));
  return out;
}

/// Every list element in a field of its own; nothing where quotes make the lists' commas ambiguous.
std::optional<headers> taken_apart(const headers& fields) {
  headers out;
  for (const auto& [name, value] : fields) {
    if (value.find('"') != std::string::npos) return std::nullopt;
    std::string_view rest = value;
    for (auto comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
      out.add(name, std::string(rest.substr(0, comma)));
      rest.remove_prefix(comma + 1);
    }
    out.add(name, std::string(rest));
  }
  return out;
}

void check_additions(version of, const headers& fields, const keep_alive& said) {
  auto more = fields;
  more.add("Keep-Alive", "timeout=7, max=9");
  const auto lowered = http::parse_keep_alive(of, more);
  require(lowered.timeout <= std::chrono::seconds(7) && lowered.max_requests <= 9U, "the smallest value counts");
  require(!said.timeout || *lowered.timeout <= *said.timeout, "more hints never lengthen the time");
  more.add("Connection", "keep-alive");
  more.add("Connection", "close");
  require(!http::parse_keep_alive(of, more).is_persistent, "close wins");
}

keep_alive check(version of, const headers& fields) {
  const auto said = http::parse_keep_alive(of, fields);
  require(!said.timeout || (said.timeout->count() >= 0 && *said.timeout <= http::max_timeout), "a timeout has limits");
  require(is_same(said, http::parse_keep_alive(of, reversed(fields))), "the order of fields makes no difference");
  require(is_same(said, http::parse_keep_alive(of, in_upper_case(fields))), "case makes no difference");
  if (const auto apart = taken_apart(fields)) {
    require(is_same(said, http::parse_keep_alive(of, *apart)), "one list or many fields make no difference");
  }
  check_additions(of, fields, said);
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto fields = read_fields(fuzz::as_text(data, size));
  const auto older = check(version::http_1_0, fields);
  const auto newer = check(version::http_1_1, fields);
  require(newer.is_persistent || !older.is_persistent, "what HTTP/1.0 keeps, HTTP/1.1 keeps");
  require(older.timeout == newer.timeout && older.max_requests == newer.max_requests, "hints do not ask the version");
  return 0;
}

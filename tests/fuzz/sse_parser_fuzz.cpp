// Server-sent events in any bytes and pieces. Input: the stream as it comes.
#include "http/sse_parser.hpp"
#include "tests/fuzz/fuzzing.hpp"
#include "text/utf8.hpp"

#include <optional>

namespace {

using namespace warmwire;
using fuzz::require;

// Small, so that inputs reach them.
constexpr http::sse_limits limits{.max_line_bytes = 200, .max_event_bytes = 300};
constexpr std::size_t longest_replacement = 3;  // what takes the place of a byte that is no UTF-8

void check(const http::sse_event& event) {
  require(text::is_utf8(event.data) && text::is_utf8(event.name) && text::is_utf8(event.id), "what is given is UTF-8");
  require(event.data.find('\r') == std::string_view::npos, "CR ends a line, alone too");
  require(event.name.find_first_of("\r\n") == std::string_view::npos, "a name is of one line");
  require(event.id.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "an id has no NUL");
  require(event.data.size() <= limits.max_event_bytes, "an event is bounded");
  require(event.name.size() <= longest_replacement * limits.max_line_bytes, "a line is bounded");
}

enum class ending { none, told };

std::string read(const std::vector<std::string_view>& pieces, ending how) {
  http::sse_parser parser(limits);
  std::string out;
  for (std::size_t i = 0; i <= pieces.size(); ++i) {
    if (i < pieces.size()) parser.feed(pieces[i]);
    if (i == pieces.size() && how == ending::told) parser.end();
    while (true) {
      const auto event = parser.next();
      if (!event) {
        require(fuzz::is_one_line(event.error().message), "an error can be printed");
        require(!parser.next().has_value(), "nothing comes after an error");
        return out.append("failed: ").append(event.error().message);
      }
      if (!*event) break;
      check(**event);
      out.append((*event)->name).append("|").append((*event)->id).append("|").append((*event)->data).append("\n--\n");
    }
  }
  if (const auto wait = parser.retry()) out.append("retry ").append(std::to_string(wait->count()));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  std::optional<std::string> first;
  for (const auto& pieces : fuzz::cuts(text)) {
    auto got = read(pieces, ending::none);
    if (first) fuzz::require_equal(*first, got, "pieces mean the same as the whole");
    first = std::move(got);
  }
  const auto ended = std::string(text) + "\n\n";
  fuzz::require_equal(read({text}, ending::told), read({ended}, ending::none), "the end is as good as a blank line");
  return 0;
}

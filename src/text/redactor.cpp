#include "text/redactor.hpp"

#include "text/base64.hpp"
#include "text/printable.hpp"
#include "text/unescaped.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace warmwire::text {

struct range {
  std::size_t begin;
  std::size_t end;
};

namespace {

constexpr std::size_t shortest_secret = 4;
// A shorter beginning of a key (such as "sk-pro") says nothing, and is likely to be there by chance.
constexpr std::size_t shortest_beginning = 8;
/// Of what stands in base64 the same: eight characters are six bytes.
constexpr std::size_t shortest_base64 = 8;
constexpr std::string_view mark = "[redacted]";
/// A URL in JSON in JSON.
constexpr int most_layers = 3;

constexpr std::size_t max_message_bytes = 4'000;
constexpr std::size_t max_word_bytes = 200;
constexpr std::size_t most_looked_at = std::size_t{64} << 10;

bool is_base64(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
         c == '-' || c == '_';
}

/// How many characters of `what` a text that goes on with `next` ends in, when it ended in `length` of them. `borders`
/// says what remains of each length when it does not go on (Knuth, Morris and Pratt).
std::size_t longer_by(char next, std::size_t length, std::string_view what, const std::vector<std::size_t>& borders) {
  while (length > 0 && (length == what.size() || what[length] != next))
    length = borders[length - 1];
  return what[length] == next ? length + 1 : length;
}

std::vector<std::size_t> borders_of(std::string_view what) {
  std::vector<std::size_t> borders{0};
  for (std::size_t i = 1; i < what.size(); ++i)
    borders.push_back(longer_by(what[i], borders.back(), what, borders));
  return borders;
}

/// What base64 makes of `bytes` wherever they stand in a longer text, less the ends, which its neighbours change:
/// `before` bytes precede the last group of three that begins before them.
std::string inside_base64(std::string_view bytes, std::size_t before) {
  std::string out;
  append_base64(out, std::string(before, '\0').append(bytes));
  const auto begin = before == 0 ? 0 : before + 1;
  const auto end = (before + bytes.size()) * 8 / 6;
  return out.substr(begin, end - begin);
}

std::string in_urls_alphabet(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

/// The text with the mark in the place of each range. Those that overlap are one.
std::string without(std::string_view text, std::vector<range> ranges) {
  std::ranges::sort(ranges, {}, [](const range& each) { return std::pair(each.begin, each.end); });
  std::string out;
  std::size_t from = 0;
  for (std::size_t i = 0; i < ranges.size();) {
    auto [begin, end] = ranges[i];
    for (++i; i < ranges.size() && ranges[i].begin < end; ++i)
      end = std::max(end, ranges[i].end);
    out.append(text.substr(from, begin - from)).append(mark);
    from = end;
  }
  return out.append(text.substr(from));
}

range widened(std::string_view text, range found) {
  while (found.begin > 0 && is_base64(text[found.begin - 1]))
    --found.begin;
  while (found.end < text.size() && (is_base64(text[found.end]) || text[found.end] == '='))
    ++found.end;
  return found;
}

}  // namespace

void redactor::add(const secret& value) {
  const std::string_view text = value.reveal();
  if (text.size() < shortest_secret) return;
  add_form(text, form::as_it_is);
  for (std::size_t before = 0; before < 3; ++before) {
    auto inside = secret(inside_base64(text, before));
    if (inside.reveal().size() < shortest_base64) continue;
    add_form(inside.reveal(), form::base64);
    add_form(secret(in_urls_alphabet(inside.reveal())).reveal(), form::base64);
  }
}

void redactor::add_form(std::string_view what, form in) {
  const auto is_there = std::ranges::any_of(known_, [&](const known& each) { return each.what.reveal() == what; });
  if (!is_there) known_.push_back({.what = secret(std::string(what)), .in = in, .borders = borders_of(what)});
}

/// Where `each` stands in a reading of the text, whole or, at its end, in part; in places of the text itself.
void redactor::find(const known& each, const unescaped& in, std::vector<range>& out) {
  const std::string_view what = each.what.reveal();
  const std::string_view text = in.text;
  const auto keep = [&](range found) {
    if (each.in == form::base64) found = widened(text, found);
    out.push_back({.begin = in.from[found.begin], .end = in.from[found.end]});
  };
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    length = longer_by(text[i], length, what, each.borders);
    if (length == what.size()) keep({.begin = i + 1 - length, .end = i + 1});
  }
  if (length >= shortest_beginning) keep({.begin = text.size() - length, .end = text.size()});
}

std::string redactor::operator()(std::string text) const {
  if (known_.empty()) return text;
  std::vector<range> found;
  auto reading = std::optional(unescaped(text));
  for (int layer = 0; reading && layer <= most_layers; ++layer) {
    for (const auto& each : known_)
      find(each, *reading, found);
    reading = undo_escapes(*reading);
  }
  return found.empty() ? text : without(text, std::move(found));
}

std::string redactor::shown(std::string_view text, std::size_t max_bytes) const {
  return printable((*this)(std::string(text.substr(0, std::max(most_looked_at, max_bytes)))), max_bytes);
}

error redactor::operator()(error reason) const {
  reason.message = shown(reason.message, max_message_bytes);
  for (auto* word : {&reason.provider_type, &reason.provider_code, &reason.request_id, &reason.last_event_id})
    *word = shown(*word, max_word_bytes);
  return reason;
}

}  // namespace warmwire::text

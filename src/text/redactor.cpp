#include "text/redactor.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::text {
namespace {

constexpr std::size_t shortest_secret = 4;
// A shorter beginning of a key (such as "sk-pro") says nothing, and is likely to be there by chance.
constexpr std::size_t shortest_beginning = 8;
constexpr std::string_view mark = "[redacted]";

std::string escaped_for_json(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '/') out += '\\';
    out += c;
  }
  return out;
}

std::string escaped_for_url(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved = "-._~";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain || unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', digits[code >> 4U], digits[code & 15U]};
    }
  }
  return out;
}

// Appends what is between the occurrences: a body of nothing but keys must not be moved once for each of them.
std::string without(std::string text, std::string_view what) {
  auto at = text.find(what);
  if (at == std::string::npos) return text;
  std::string out;
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.find(what, from)) {
    out.append(text, from, at - from).append(mark);
    from = at + what.size();
  }
  return out.append(text, from);
}

// How many characters of `what` a text that goes on with `next` ends in, when it ended in `length` of them. `borders`
// says what remains of each length when it does not go on (Knuth, Morris and Pratt).
std::size_t longer_by(char next, std::size_t length, std::string_view what, const std::vector<std::size_t>& borders) {
  while (length > 0 && what[length] != next)
    length = borders[length - 1];
  return what[length] == next ? length + 1 : length;
}

// The length of the longest beginning of `what`, and not the whole of it, that `text` ends in.
std::size_t beginning_at_end(std::string_view text, std::string_view what) {
  const auto tail = text.substr(text.size() - std::min(text.size(), what.size() - 1));
  std::vector<std::size_t> borders{0};
  for (std::size_t i = 1; i < what.size() - 1; ++i)
    borders.push_back(longer_by(what[i], borders.back(), what, borders));
  std::size_t length = 0;
  for (const char c : tail)
    length = longer_by(c, length, what, borders);
  return length;
}

void replace_beginning_at_end(std::string& text, std::string_view what) {
  const auto length = beginning_at_end(text, what);
  if (length >= shortest_beginning) text.replace(text.size() - length, length, mark);
}

}  // namespace

void redactor::add(const secret& value) {
  const auto& text = value.reveal();
  if (text.size() < shortest_secret) return;
  for (auto& form : {text, escaped_for_json(text), escaped_for_url(text)}) {
    const secret made(form);
    if (std::find(forms_.begin(), forms_.end(), made) == forms_.end()) forms_.push_back(made);
  }
  // The longest first: a secret may be a part of another.
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const secret& a, const secret& b) { return a.reveal().size() > b.reveal().size(); });
}

std::string redactor::operator()(std::string text) const {
  for (const auto& form : forms_)
    text = without(std::move(text), form.reveal());
  for (const auto& form : forms_)
    replace_beginning_at_end(text, form.reveal());
  return text;
}

error redactor::operator()(error reason) const {
  for (auto* text :
       {&reason.message, &reason.provider_type, &reason.provider_code, &reason.request_id, &reason.last_event_id}) {
    *text = (*this)(std::move(*text));
  }
  return reason;
}

}  // namespace warmwire::text

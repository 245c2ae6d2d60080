#include "providers/redactor.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace warmwire::providers {
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

void replace_all(std::string& text, std::string_view what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + mark.size())) {
    text.replace(at, what.size(), mark);
  }
}

void replace_beginning_at_end(std::string& text, std::string_view what) {
  for (auto length = std::min(text.size(), what.size() - 1); length >= shortest_beginning; --length) {
    if (!text.ends_with(what.substr(0, length))) continue;
    text.replace(text.size() - length, length, mark);
    return;
  }
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
    replace_all(text, form.reveal());
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

}  // namespace warmwire::providers

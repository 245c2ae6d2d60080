#include "providers/variables.hpp"

#include "http/ascii.hpp"

namespace warmwire::providers {
namespace {

std::string prefix_of(std::string_view provider) {
  std::string out;
  for (const char c : provider) {
    const bool is_small = c >= 'a' && c <= 'z';
    out += !http::is_alphanumeric(c) ? '_' : is_small ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string joined(std::string_view prefix, std::string_view part) {
  std::string out(prefix);
  return out.append("_").append(part);
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

variables::variables(const environment& read, std::string_view provider) : read_(read), own_(prefix_of(provider)) {}

std::string variables::look_up(const std::string& name) const {
  const char* value = read_(name.c_str());
  return std::string(trimmed(value == nullptr ? "" : value));
}

std::string variables::own(std::string_view part) const {
  return look_up(joined(own_, part));
}

std::string variables::known(std::string_view name) const {
  if (known_ == nullptr || name.empty()) return {};
  return look_up(std::string(name));
}

std::string variables::get(std::string_view part) const {
  auto value = own(part);
  if (value.empty() && known_ != nullptr && !known_->variables.empty()) {
    value = look_up(joined(known_->variables, part));
  }
  return value;
}

std::string variables::names(std::string_view part) const {
  auto out = joined(own_, part);
  if (known_ == nullptr || known_->variables.empty() || known_->variables == own_) return out;
  return out.append(" or ").append(joined(known_->variables, part));
}

}  // namespace warmwire::providers

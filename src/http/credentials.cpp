#include "http/credentials.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>

namespace warmwire::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array credential_names = {
    "authorization"sv,
    "proxy-authorization"sv,
    "cookie"sv,
    "x-api-key"sv,
    "api-key"sv,
    "x-goog-api-key"sv,
    "ocp-apim-subscription-key"sv,
    "x-auth-token"sv,
    "x-amz-security-token"sv,
};
constexpr std::array secret_words = {"auth"sv,   "token"sv,   "key"sv,        "secret"sv,    "password"sv, "passwd"sv,
                                     "cookie"sv, "session"sv, "credential"sv, "signature"sv, "assertion"sv};

/// A shorter one says little, and is likely to stand in other fields by chance.
constexpr std::size_t shortest_credential = 6;

bool is_named(std::span<const std::string> names, std::string_view name) noexcept {
  return std::ranges::any_of(names, [&](const std::string& each) { return iequals(each, name); });
}

}  // namespace

bool is_credential(std::string_view name) noexcept {
  return std::ranges::any_of(credential_names, [&](std::string_view each) { return iequals(each, name); });
}

bool speaks_of_secret(std::string_view name) noexcept {
  return std::ranges::any_of(secret_words, [&](std::string_view word) {
    const auto is_same = [](char a, char b) { return to_lower(a) == b; };
    return std::search(name.begin(), name.end(), word.begin(), word.end(), is_same) != name.end();
  });
}

bool has_credential(const headers& fields, std::span<const std::string> secret_names) noexcept {
  return std::ranges::any_of(
      fields, [&](const header& each) { return is_credential(each.name) || is_named(secret_names, each.name); });
}

secret_fields::secret_fields(const headers& fields, std::span<const std::string> secret_names) : names_(secret_names) {
  for (const auto& [name, value] : fields) {
    if (!is_credential(name)) continue;
    const auto whole = trim(value);
    const auto behind_scheme = trim(whole.substr(std::min(whole.find(' '), whole.size())));
    credential_ = behind_scheme.empty() ? whole : behind_scheme;
    break;
  }
  if (credential_.size() < shortest_credential) credential_ = {};
}

bool secret_fields::holds(std::string_view name, std::string_view value) const noexcept {
  return is_credential(name) || speaks_of_secret(name) || is_named(names_, name) ||
         (!credential_.empty() && value.find(credential_) != std::string_view::npos);
}

}  // namespace warmwire::http

// Whether a request brings the key that its server wants.
#include "emulator/api/api_key.hpp"

#include <boost/beast/core/string.hpp>

#include <string>
#include <string_view>

namespace warmwire::emulator {
namespace {

constexpr std::string_view wrong = "wrong";

// As the API does: enough to recognise one's key by, not enough to use it.
std::string mask(std::string_view key) {
  const bool is_long = key.size() >= 16;
  const std::size_t first = is_long ? 8 : 3;
  const std::size_t last = is_long ? 4 : 2;
  std::string masked(key);
  masked.replace(first, key.size() - first - last, key.size() - first - last, '*');
  return masked;
}

std::string_view bearer_token(const request& what) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string* field = what.find("authorization");
  const bool is_bearer = field != nullptr && field->size() > scheme.size() &&
                         boost::beast::iequals(std::string_view(*field).substr(0, scheme.size()), scheme);
  return is_bearer ? std::string_view(*field).substr(scheme.size()) : std::string_view();
}

// Google takes it in the query, too, where it leaks into logs.
std::string_view query_key(const request& what) {
  std::string_view query = what.target;
  query.remove_prefix(what.path().size());
  const auto at = query.find("key=");
  const bool is_name = at != query.npos && at > 0 && (query[at - 1] == '?' || query[at - 1] == '&');
  if (!is_name) return {};
  query.remove_prefix(at + 4);
  return query.substr(0, query.find('&'));
}

std::string_view key_sent_with(const request& what, const server_kind& as) {
  if (as.key_field != "authorization") {
    if (const std::string* field = what.find(as.key_field)) return *field;
  }
  if (as.family == api_family::google) {
    if (const auto key = query_key(what); !key.empty()) return key;
  }
  return bearer_token(what);
}

api_error missing_key(const server_kind& as) {
  const bool is_google = as.family == api_family::google;
  const std::string_view how = as.key_field == "authorization" ? "Authorization" : as.key_field;
  std::string message = "No API key: send it in the header field '";
  message.append(how).append(how == "Authorization" ? "', as 'Bearer KEY'." : "'.");
  return {.status = is_google ? 403U : 401U, .message = std::move(message)};
}

api_error wrong_key(std::string_view key, const server_kind& as) {
  if (as.family == api_family::google) {
    return {.status = 400, .message = "API key not valid. Please pass a valid API key.", .code = "API_KEY_INVALID"};
  }
  if (as.family == api_family::anthropic) return {.status = 401, .message = "invalid x-api-key"};
  return {.status = 401, .message = "Incorrect API key provided: " + mask(key) + "."};
}

}  // namespace

std::optional<api_error> check_key(const request& what, const server_kind& as) {
  if (!as.needs_key) return std::nullopt;
  const auto key = key_sent_with(what, as);
  if (key.empty()) return missing_key(as);
  if (key.find(wrong) == key.npos) return std::nullopt;
  return wrong_key(key, as);
}

}  // namespace warmwire::emulator

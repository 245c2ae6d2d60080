#include "providers/provider_config.hpp"

#include "http/ascii.hpp"
#include "http/credentials.hpp"
#include "http/url.hpp"
#include "providers/base_url.hpp"
#include "text/base64.hpp"
#include "text/unescaped.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

error config_failure(errc code, std::string message) {
  return {.code = code, .message = std::move(message)};
}

// Only what HTTP lets stand in a bearer token's place, so that a pasted line break is named here and not three layers
// below.
result<void> check_token(std::string_view option, std::string_view value) {
  const auto wrong = std::find_if(value.begin(), value.end(), [](char c) { return c < 0x21 || c > 0x7E; });
  if (wrong == value.end()) return {};
  std::string message(option);
  message.append(" has a character at position ")
      .append(std::to_string(wrong - value.begin()))
      .append(" that cannot stand in it; it must be printable ASCII without blanks");
  return config_failure(errc::invalid_option, std::move(message));
}

// The transport refuses them as well, but with each call and without the name of the option.
result<void> check_fields(std::string_view option, const headers& fields) {
  std::size_t position = 0;
  for (const auto& [name, value] : fields) {
    ++position;
    std::string message(option);
    if (!http::is_token(name)) {
      message.append(": the name of header ").append(std::to_string(position)).append(" is not a token");
    } else if (!http::is_field_value(value)) {
      message.append(": the value of ").append(name).append(" holds a control character");
    } else {
      continue;
    }
    return config_failure(errc::invalid_header, std::move(message));
  }
  return {};
}

result<headers> custom_headers(const variables& from) {
  headers out;
  const auto text = from.get("CUSTOM_HEADERS");
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = trimmed(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    ++number;
    if (line.empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || trimmed(line.substr(0, colon)).empty()) {
      return config_failure(errc::invalid_header, from.names("CUSTOM_HEADERS") + ", line " + std::to_string(number) +
                                                      ", is not of the form `Name: value`");
    }
    out.add(std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
  }
  if (auto ok = check_fields(from.names("CUSTOM_HEADERS"), out); !ok) return ok.error();
  return out;
}

// What a custom `Authorization` holds behind its scheme is a secret of its own, and so is the password in Basic's.
void learn(text::redactor& redact, const headers& caller_fields) {
  for (const auto& [name, value] : caller_fields) {
    redact.add(secret(value));
    const auto blank = value.find(' ');
    if (blank == std::string::npos) continue;
    const auto token = trimmed(std::string_view(value).substr(blank + 1));
    redact.add(secret(std::string(token)));
    if (!http::iequals(std::string_view(value).substr(0, blank), "basic")) continue;
    const auto pair = text::from_base64(token);
    if (pair) redact.add(secret(pair->substr(std::min(pair->find(':') + 1, pair->size()))));
  }
}

// Some gateways take their key in the URL.
void learn_query(text::redactor& redact, std::string_view query) {
  query.remove_prefix(std::min<std::size_t>(query.size(), 1));
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = parameter.substr(0, equals);
    if (!http::speaks_of_secret(name) && !http::iequals(name, "sig") && !http::iequals(name, "code")) continue;
    const auto value = parameter.substr(std::min(equals + 1, parameter.size()));
    const auto meant = text::undo_escapes(text::unescaped(value));
    redact.add(secret(std::string(value)));
    if (meant) redact.add(secret(meant->text));
  }
}

result<void> add_key(provider_config& config, const secret& given, const variables& from) {
  auto key = std::string(trimmed(given.reveal()));
  if (key.empty()) key = from.get("API_KEY");
  if (key.empty()) key = from.known(config.profile->second_key_variable);
  const bool is_token = key.empty();
  if (is_token) key = from.known(config.profile->token_variable);
  if (key.empty()) return {};
  if (auto ok = check_token("api_key", key); !ok) return ok;
  if (is_token || config.profile->key_header == "Authorization") {
    config.fields.set("Authorization", "Bearer " + key);
  } else {
    config.fields.set(config.profile->key_header, key);
  }
  config.redact.add(secret(std::move(key)));
  return {};
}

result<void> add_own_fields(provider_config& config, const variables& from) {
  if (config.api == wire_api::anthropic) config.fields.set("anthropic-version", "2023-06-01");
  if (config.profile->id != "openai") return {};
  for (const auto& [part, name] : {std::pair{"ORG_ID", "OpenAI-Organization"}, {"PROJECT_ID", "OpenAI-Project"}}) {
    auto value = from.get(part);
    if (auto ok = check_token(from.names(part), value); !ok) return ok;
    if (!value.empty()) config.fields.set(name, std::move(value));
  }
  return {};
}

// The environment's do not override what the options say of a key.
result<void> add_callers_fields(provider_config& config, const provider_options& options, const variables& from) {
  const auto custom = custom_headers(from);
  if (!custom) return custom.error();
  if (auto ok = check_fields("extra_headers", options.extra_headers); !ok) return ok;
  const bool has_key = !trimmed(options.api_key.reveal()).empty();
  for (const auto& [name, value] : *custom) {
    if (!has_key || !http::is_credential(name)) config.fields.set(name, value);
  }
  for (const auto& [name, value] : options.extra_headers)
    config.fields.set(name, value);
  // Only the key is known as yet: what repeats it is as secret as it is.
  for (const auto& [name, value] : config.fields)
    if (!http::is_credential(name) && config.redact(value) != value) config.secret_headers.push_back(name);
  learn(config.redact, *custom);
  learn(config.redact, options.extra_headers);
  learn_query(config.redact, config.query);
  return {};
}

result<void> check_key(const provider_config& config, const found_base& base, const variables& from) {
  if (!base.is_providers_own || config.fields.contains("Authorization") ||
      config.fields.contains(config.profile->key_header)) {
    return {};
  }
  return config_failure(errc::missing_api_key, "no API key for " + base.url.host + ": set " + from.names("API_KEY") +
                                                   " in the environment, or client_options::api_key");
}

wire_api api_of(const profile& kind, openai_api wanted) {
  const bool has_both = kind.api == wire_api::chat_completions;
  return has_both && wanted == openai_api::responses ? wire_api::responses : kind.api;
}

}  // namespace

provider_options own_provider(const client_options& options) {
  return {.provider = options.provider,
          .kind = options.kind,
          .api_key = options.api_key,
          .base_url = options.base_url,
          .api = options.api,
          .default_model = options.default_model,
          .extra_headers = options.extra_headers};
}

result<provider_config> make_provider_config(const provider_options& options, const environment& variable) {
  if (options.provider.empty()) return config_failure(errc::invalid_option, "provider is empty; it must be an id");
  variables from(variable, options.provider);
  const auto base = find_base(options, from);
  if (!base) return base.error();

  provider_config config;
  config.provider = options.provider;
  config.profile = base->kind;
  config.api = api_of(*base->kind, options.api);
  config.base = base->url.origin() + base->path;
  config.query = base->query;
  config.names_deployments = base->names_deployments;
  config.default_model = options.default_model.empty() ? base->kind->default_model : options.default_model;
  config.fields = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (auto ok = add_own_fields(config, from); !ok) return ok.error();
  if (auto ok = add_key(config, options.api_key, from); !ok) return ok.error();
  if (auto ok = add_callers_fields(config, options, from); !ok) return ok.error();
  if (auto ok = check_key(config, *base, from); !ok) return ok.error();
  return config;
}

std::string url_of(const provider_config& config, std::string_view path, std::string_view model) {
  auto out = config.base;
  if (config.names_deployments && !model.empty()) out.append("/deployments/").append(escaped_for_path(model));
  const auto mark = std::min(path.find('?'), path.size());
  out.append(path.substr(0, mark)).append(config.query);
  if (mark == path.size()) return out;
  return out.append(config.query.empty() ? "?" : "&").append(path.substr(mark + 1));
}

std::string escaped_for_path(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-._~:@";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (http::is_alphanumeric(c) || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', digits[code >> 4U], digits[code & 15U]};
    }
  }
  return out;
}

}  // namespace warmwire::providers

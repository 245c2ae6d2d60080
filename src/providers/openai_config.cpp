#include "providers/openai_config.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::string_view openai_host = "api.openai.com";
constexpr std::string_view openai_base = "https://api.openai.com/v1";
constexpr std::string_view openai_prefix = "OPENAI";

error failure(errc code, std::string message) {
  return {.code = code, .message = std::move(message)};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "my-groq" names its variables MY_GROQ_…
std::string variable_prefix(std::string_view provider) {
  std::string out;
  for (const char c : provider) {
    const bool small = c >= 'a' && c <= 'z';
    const bool plain = small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += !plain ? '_' : small ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// The variables that one client may read, by their last part. A missing one is empty.
class variables {
 public:
  variables(const environment& read, std::string_view provider) : read_(read), own_(variable_prefix(provider)) {}

  void allow_openai() { openai_too_ = true; }

  [[nodiscard]] std::string get(std::string_view part) const {
    auto value = look_up(own_, part);
    if (value.empty() && openai_too_) value = look_up(openai_prefix, part);
    return value;
  }

  /// The names that were looked at, for messages.
  [[nodiscard]] std::string names(std::string_view part) const {
    auto out = name(own_, part);
    if (openai_too_ && own_ != openai_prefix) out += " or " + name(openai_prefix, part);
    return out;
  }

 private:
  static std::string name(std::string_view prefix, std::string_view part) {
    return std::string(prefix) + '_' + std::string(part);
  }

  [[nodiscard]] std::string look_up(std::string_view prefix, std::string_view part) const {
    const char* value = read_(name(prefix, part).c_str());
    return std::string(trimmed(value == nullptr ? "" : value));
  }

  const environment& read_;
  std::string own_;
  bool openai_too_ = false;
};

result<http::url> parse_base(std::string_view text) {
  auto url = http::parse_url(text);
  if (!url) {
    auto reason = std::move(url).error();
    reason.message = "base_url: " + reason.message;
    return reason;
  }
  return url;
}

// The query stays behind the path: Azure's base URLs name the API's version there.
std::string chat_url(const http::url& base) {
  const auto query = std::min(base.target.find('?'), base.target.size());
  auto path = base.target.substr(0, query);
  while (path.ends_with('/'))
    path.pop_back();
  return base.origin() + path + "/chat/completions" + base.target.substr(query);
}

// Only what HTTP lets stand in a bearer token's place, so that a pasted line break is named here and not
// three layers below.
result<void> check_token(std::string_view option, std::string_view value) {
  const auto wrong = std::find_if(value.begin(), value.end(), [](char c) { return c < 0x21 || c > 0x7E; });
  if (wrong == value.end()) return {};
  return failure(errc::invalid_option, std::string(option) + " has a character at position " +
                                           std::to_string(wrong - value.begin()) +
                                           " that cannot stand in it; it must be printable ASCII without "
                                           "blanks");
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
      return failure(errc::invalid_header, from.names("CUSTOM_HEADERS") + ", line " + std::to_string(number) +
                                               ", is not of the form `Name: value`");
    }
    out.add(std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
  }
  return out;
}

// What a custom `Authorization` holds behind its scheme is a secret of its own.
void learn(redactor& redact, const headers& caller_fields) {
  for (const auto& [name, value] : caller_fields) {
    redact.add(secret(value));
    if (const auto blank = value.find(' '); blank != std::string::npos) {
      redact.add(secret(value.substr(blank + 1)));
    }
  }
}

result<void> add_identity(openai_config& config, const client_options& options, const variables& from) {
  auto key = options.api_key.empty() ? from.get("API_KEY") : std::string(trimmed(options.api_key.reveal()));
  const auto organization = from.get("ORG_ID");
  const auto project = from.get("PROJECT_ID");
  if (auto ok = check_token("api_key", key); !ok) return ok;
  if (auto ok = check_token(from.names("ORG_ID"), organization); !ok) return ok;
  if (auto ok = check_token(from.names("PROJECT_ID"), project); !ok) return ok;
  if (!key.empty()) config.fields.set("Authorization", "Bearer " + key);
  if (!organization.empty()) config.fields.set("OpenAI-Organization", organization);
  if (!project.empty()) config.fields.set("OpenAI-Project", project);
  config.redact.add(secret(std::move(key)));
  return {};
}

}  // namespace

result<openai_config> make_openai_config(const client_options& options, const environment& variable) {
  variables from(variable, options.provider);
  auto base = options.base_url.empty() ? from.get("BASE_URL") : options.base_url;
  if (base.empty()) {
    if (options.provider != "openai") {
      return failure(errc::invalid_option, "base_url is not set for the provider \"" + options.provider +
                                               "\", and only \"openai\" has one of its own: set base_url or " +
                                               from.names("BASE_URL"));
    }
    base = openai_base;
  }
  const auto url = parse_base(base);
  if (!url) return url.error();
  const bool is_openai = url->host == openai_host;
  if (is_openai) from.allow_openai();

  openai_config config{.provider = options.provider,
                       .chat_url = chat_url(*url),
                       .default_model = options.default_model.empty() ? "gpt-5-mini" : options.default_model,
                       .fields = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                       .redact = {}};
  if (auto ok = add_identity(config, options, from); !ok) return ok.error();
  const auto custom = custom_headers(from);
  if (!custom) return custom.error();
  for (const auto* fields : {&*custom, &options.extra_headers}) {
    for (const auto& [name, value] : *fields)
      config.fields.set(name, value);
    learn(config.redact, *fields);
  }
  if (is_openai && !config.fields.contains("Authorization")) {
    return failure(errc::missing_api_key, "no API key for " + std::string(openai_host) + ": set " +
                                              from.names("API_KEY") +
                                              " in the environment, or client_options::api_key");
  }
  return config;
}

}  // namespace warmwire::providers

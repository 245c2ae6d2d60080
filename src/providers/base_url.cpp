#include "providers/base_url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace warmwire::providers {
namespace {

error base_url_failure(std::string message) {
  return {.code = errc::invalid_option, .message = std::move(message)};
}

std::string_view without_slashes(std::string_view path) {
  while (path.ends_with('/'))
    path.remove_suffix(1);
  return path;
}

// Where Azure's own resources are: a name of one's own before it. Other hosts below azure.com and azure.us, such as
// virtual machines, are their tenants'.
bool is_azures_own(std::string_view host) {
  constexpr std::array suffixes{".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com",
                                ".openai.azure.us", ".cognitiveservices.azure.us"};
  return std::ranges::any_of(suffixes, [&](std::string_view each) { return host.ends_with(each); });
}

// What the options and the environment say, before anything is known of it.
std::string written_base(const provider_options& options, const profile* kind, variables& from) {
  if (!options.base_url.empty()) return options.base_url;
  auto own = from.own("BASE_URL");
  if (!own.empty() || kind == nullptr) return own;
  if (kind->id == options.provider) {
    from.allow(*kind);
    if (auto known = from.known(kind->base_variable); !known.empty()) return known;
    if (kind->id == "ollama") {
      if (const auto host = from.own("HOST"); !host.empty()) return ollama_base(host);
    }
  }
  return std::string(kind->base_url);
}

error no_base(const provider_options& options, const profile* kind, const variables& from) {
  std::string message = "base_url is not set for the provider \"";
  message.append(options.provider).append("\", which has none of its own: set base_url or ");
  const bool has_variable = kind != nullptr && kind->id == options.provider && !kind->base_variable.empty();
  return base_url_failure(message.append(has_variable ? std::string(kind->base_variable) : from.names("BASE_URL")));
}

result<const profile*> kind_of(const provider_options& options) {
  if (options.kind.empty()) return find_profile(options.provider);
  const auto* found = find_profile(options.kind);
  if (found != nullptr) return found;
  return base_url_failure("kind is \"" + options.kind +
                          "\", which is none of the known providers; see provider_options");
}

// An endpoint alone means the one API for all deployments, or with a version of the API the older one for each.
void complete_azure(found_base& base, const variables& from) {
  if (!base.path.empty() && base.path != "/openai") return;
  if (base.query.empty()) {
    if (const auto version = from.known("OPENAI_API_VERSION"); !version.empty()) base.query = "?api-version=" + version;
  }
  base.names_deployments = !base.query.empty();
  base.path = base.names_deployments ? "/openai" : "/openai/v1";
}

void complete_path(found_base& base, const variables& from) {
  if (base.kind->id == "azure") complete_azure(base, from);
  // The version is a part of each call's path here; whoever writes it into the base URL means the same.
  for (const auto& [api, version] : {std::pair{wire_api::anthropic, "/v1"}, {wire_api::gemini, "/v1beta"}}) {
    if (base.kind->api == api && base.path.ends_with(version)) {
      base.path.erase(base.path.size() - std::string_view(version).size());
    }
  }
}

}  // namespace

result<found_base> find_base(const provider_options& options, variables& from) {
  const auto kind = kind_of(options);
  if (!kind) return kind.error();
  const auto written = written_base(options, *kind, from);
  if (written.empty()) return no_base(options, *kind, from);
  auto url = http::parse_url(written);
  if (!url) {
    auto reason = std::move(url).error();
    reason.message = "base_url: " + reason.message;
    return reason;
  }
  found_base out;
  const auto mark = std::min(url->target.find('?'), url->target.size());
  out.path = without_slashes(std::string_view(url->target).substr(0, mark));
  out.query = url->target.substr(mark);
  out.url = std::move(*url);
  out.kind = *kind != nullptr ? *kind : profile_at(out.url.origin(), out.path);
  if (out.kind == nullptr) out.kind = &compatible_profile();
  const bool is_azure = out.kind->id == "azure" && is_azures_own(out.url.host);
  const bool is_safe = out.url.scheme == http::scheme::https;
  out.is_providers_own = is_safe && (is_azure || is_at(*out.kind, out.url.origin()));
  if (out.is_providers_own || out.kind->id == options.provider) from.allow(*out.kind);
  complete_path(out, from);
  return out;
}

std::string ollama_base(std::string_view host) {
  std::string scheme = "http";
  std::string port = ":11434";
  if (const auto colon = host.find("://"); colon != std::string_view::npos) {
    scheme = host.substr(0, colon);
    port.clear();
    host.remove_prefix(colon + 3);
  }
  host = without_slashes(host);
  const auto slash = std::min(host.find('/'), host.size());
  auto authority = std::string(host.substr(0, slash));
  const auto path = host.substr(slash);
  const auto bracket = authority.find(']');
  const auto last = authority.rfind(':');
  const bool has_port = last != std::string::npos && (bracket == std::string::npos ? true : last > bracket);
  if (authority.starts_with(':')) authority.insert(0, "127.0.0.1");
  if (!has_port) authority += port;
  // What is listened on everywhere is reached here.
  if (authority.starts_with("0.0.0.0:")) authority.replace(0, 7, "127.0.0.1");
  std::string out = std::move(scheme);
  out.append("://").append(authority).append(path);
  return out.ends_with("/v1") ? out : out + "/v1";
}

}  // namespace warmwire::providers

// The servers that the emulator can be, and which of them a request is for.
#include "emulator/api/server_kind.hpp"

#include <algorithm>
#include <array>

namespace warmwire::emulator {
namespace {

using enum api_operation;

constexpr std::array servers{
    server_kind{.name = "openai"},
    server_kind{.name = "anthropic",
                .family = api_family::anthropic,
                .errors = error_shape::anthropic,
                .key_field = "x-api-key",
                .id_field = "request-id"},
    server_kind{.name = "google",
                .family = api_family::google,
                .errors = error_shape::google,
                .key_field = "x-goog-api-key",
                .id_field = {},
                .has_limits = false},
    server_kind{.name = "azure", .errors = error_shape::azure, .key_field = "api-key", .id_field = "apim-request-id"},
    server_kind{.name = "groq", .usage = usage_place::x_groq, .reasoning_field = "reasoning"},
    server_kind{.name = "mistral",
                .errors = error_shape::mistral,
                .id_field = "mistral-correlation-id",
                .usage = usage_place::finish_chunk},
    server_kind{.name = "deepseek",
                .id_field = "x-ds-trace-id",
                .has_limits = false,
                .takes_unknown_fields = true,
                .usage = usage_place::finish_chunk,
                .queued = "keep-alive",
                .pads_bodies = true,
                .reasoning_field = "reasoning_content"},
    server_kind{.name = "openrouter",
                .errors = error_shape::openrouter,
                .id_field = "x-generation-id",
                .has_limits = false,
                .takes_unknown_fields = true,
                .usage = usage_place::own_chunk,
                .queued = "OPENROUTER PROCESSING",
                .pads_bodies = true,
                .reasoning_field = "reasoning"},
    server_kind{.name = "ollama",
                .errors = error_shape::ollama,
                .needs_key = false,
                .id_field = {},
                .has_limits = false,
                .takes_unknown_fields = true,
                .reasoning_field = "reasoning"},
    server_kind{.name = "vllm",
                .errors = error_shape::vllm,
                .needs_key = false,
                .has_limits = false,
                .takes_unknown_fields = true,
                .reasoning_field = "reasoning_content"},
    server_kind{.name = "llamacpp",
                .errors = error_shape::llamacpp,
                .needs_key = false,
                .id_field = {},
                .has_limits = false,
                .takes_unknown_fields = true,
                .reasoning_field = "reasoning_content"},
    server_kind{.name = "gemini", .errors = error_shape::google_list, .id_field = {}, .has_limits = false},
};

struct named_operation {
  std::string_view path;
  api_operation operation;
};

constexpr std::array openai_paths{named_operation{"chat/completions", chat}, named_operation{"responses", responses},
                                  named_operation{"embeddings", embeddings}, named_operation{"models", models}};
// With Azure's older form of URLs these alone are below no deployment.
constexpr std::array azure_paths{named_operation{"responses", responses}, named_operation{"models", models}};
constexpr std::array anthropic_paths{named_operation{"messages", messages},
                                     named_operation{"messages/count_tokens", count_tokens},
                                     named_operation{"models", models}};
constexpr std::array google_methods{
    named_operation{"generateContent", generate}, named_operation{"streamGenerateContent", stream_generate},
    named_operation{"embedContent", embed}, named_operation{"batchEmbedContents", batch_embed},
    named_operation{"countTokens", count_tokens}};

template <std::size_t Count>
std::optional<api_operation> find_operation(const std::array<named_operation, Count>& in, std::string_view path) {
  const auto found = std::find_if(in.begin(), in.end(), [path](const auto& each) { return each.path == path; });
  return found == in.end() ? std::nullopt : std::optional(found->operation);
}

constexpr std::string_view one_model = "models/";

// "models/gemini-2.5-flash:generateContent", "models/gemini-2.5-flash", "models"
void read_google(std::string_view path, api_call& into) {
  if (path == "models") into.operation = models;
  if (!path.starts_with(one_model)) return;
  path.remove_prefix(one_model.size());
  const auto colon = path.find(':');
  into.model = path.substr(0, colon);
  into.operation = colon == path.npos ? model : find_operation(google_methods, path.substr(colon + 1));
}

template <std::size_t Count>
void read_operation(const std::array<named_operation, Count>& known, std::string_view path, api_call& into) {
  into.operation = find_operation(known, path);
  if (into.operation || !path.starts_with(one_model) || path.size() == one_model.size()) return;
  into.operation = model;
  into.model = path.substr(one_model.size());
}

// "deployments/NAME/chat/completions", "v1/chat/completions", "responses"
void read_azure(std::string_view path, api_call& into) {
  constexpr std::string_view deployments = "deployments/";
  constexpr std::string_view version = "v1/";
  if (path.starts_with(version)) return read_operation(openai_paths, path.substr(version.size()), into);
  if (!path.starts_with(deployments)) return read_operation(azure_paths, path, into);
  path.remove_prefix(deployments.size());
  const auto slash = std::min(path.find('/'), path.size());
  into.model = path.substr(0, slash);
  into.operation = find_operation(openai_paths, path.substr(std::min(slash + 1, path.size())));
}

// Whatever stands before it: "openai/v1/", "api/v1/", "v1/" or nothing.
std::string_view after_version(std::string_view path) {
  for (const std::string_view known : {"openai/v1/", "api/v1/", "v1beta/openai/", "v1beta/", "v1/"}) {
    if (path.starts_with(known)) return path.substr(known.size());
  }
  return path;
}

void read_path(std::string_view path, api_call& into) {
  if (into.server->name == "azure" && path.starts_with("openai/")) {
    read_azure(path.substr(7), into);
  } else if (into.server->family == api_family::google) {
    read_google(after_version(path), into);
  } else if (into.server->family == api_family::anthropic) {
    read_operation(anthropic_paths, after_version(path), into);
  } else {
    read_operation(openai_paths, after_version(path), into);
  }
}

// The server that is meant by a path without /as.
std::string_view server_of(std::string_view path, const request& what) {
  if (path.starts_with("v1beta/openai/")) return "gemini";
  if (path.starts_with("v1beta/")) return "google";
  if (path.starts_with("openai/")) return "azure";
  if (!path.starts_with("v1/")) return {};
  const auto rest = path.substr(3);
  const bool is_messages = rest == "messages" || rest.starts_with("messages/");
  const bool is_models = rest.starts_with("models") && what.find("anthropic-version") != nullptr;
  return is_messages || is_models ? "anthropic" : "openai";
}

}  // namespace

const server_kind* find_server(std::string_view name) {
  const auto found =
      std::find_if(servers.begin(), servers.end(), [name](const auto& each) { return each.name == name; });
  return found == servers.end() ? nullptr : &*found;
}

std::optional<api_call> locate(const request& what) {
  std::string_view path = what.path();
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  std::string_view name = server_of(path, what);
  const bool is_named = path.starts_with("as/");
  if (is_named) {
    path.remove_prefix(3);
    const auto slash = std::min(path.find('/'), path.size());
    name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  api_call found{.server = find_server(name)};
  if (found.server == nullptr) return std::nullopt;
  read_path(path, found);
  while (is_named && !found.operation && path.find('/') != path.npos) {
    path.remove_prefix(path.find('/') + 1);
    read_path(path, found);
  }
  return found;
}

}  // namespace warmwire::emulator

// The list of models, see calls.hpp.
#include "providers/answer_body.hpp"
#include "providers/calls.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

// Where the list is. OpenAI's comes in one piece and takes no page.
std::string path_of(const provider_config& config, const std::string& page) {
  std::string path = "/models";
  if (config.api == wire_api::anthropic) path = "/v1/models";
  if (config.api == wire_api::gemini) path = "/v1beta/models";
  if (page.empty()) return path;
  path += config.api == wire_api::gemini ? "?pageToken=" : "?after_id=";
  return path.append(escaped_for_path(page));
}

model_info read_model(const json::object& from, wire_api api) {
  if (api != wire_api::gemini) {
    return {
        .id = text_of(from, "id"), .display_name = text_of(from, "display_name"), .owner = text_of(from, "owned_by")};
  }
  constexpr std::string_view prefix = "models/";
  auto name = text_of(from, "name");
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return {.id = std::move(name), .display_name = text_of(from, "displayName"), .owner = {}};
}

std::string next_page(const json::object& body, wire_api api) {
  if (api == wire_api::gemini) return text_of(body, "nextPageToken");
  const auto* has_more = body.if_contains("has_more");
  if (has_more == nullptr || !has_more->is_bool() || !has_more->get_bool()) return {};
  return text_of(body, "last_id");
}

}  // namespace

result<request> encode_models(const provider_config& config, const models_request& what) {
  request out;
  out.provider = config.provider;
  out.url = url_of(config, path_of(config, what.page), {});
  out.headers = config.fields;
  out.secret_headers = config.secret_headers;
  out.headers.remove("Content-Type");
  out.timeout = what.timeout;
  return out;
}

result<model_list> decode_models(const provider_config& config, response&& answer, const json_document* parsed) {
  const answer_body body(config, answer, parsed);
  if (body.failure()) return *body.failure();
  const auto* field = config.api == wire_api::gemini ? "models" : "data";
  const auto* list = array_in(&body.object(), field);
  if (list == nullptr) return body.unexpected(answer, std::string(field) + " is missing or no array");
  model_list out;
  for (const auto& each : *list) {
    if (const auto* model = each.if_object()) out.models.push_back(read_model(*model, config.api));
  }
  out.next_page = next_page(body.object(), config.api);
  take_answer(out, std::move(answer));
  return out;
}

}  // namespace warmwire::providers

// The list of models, see calls.hpp.
#include "providers/answer_body.hpp"
#include "providers/calls.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
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

// Ollama's own names and Together's among them.
std::string first_text_of(const json::object& from, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (auto text = text_of(from, name); !text.empty()) return text;
  }
  return {};
}

model_info read_model(const json::value& from, wire_api api) {
  if (const auto* name = from.if_string()) return {.id = std::string(*name), .display_name = {}, .owner = {}};
  const auto& model = from.get_object();
  if (api != wire_api::gemini) {
    return {.id = first_text_of(model, {"id", "name", "model"}),
            .display_name = text_of(model, "display_name"),
            .owner = first_text_of(model, {"owned_by", "organization"})};
  }
  constexpr std::string_view prefix = "models/";
  auto name = text_of(model, "name");
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return {.id = std::move(name), .display_name = text_of(model, "displayName"), .owner = {}};
}

// The list, which may be all of the answer; null, as some languages write an empty one, is empty. Nullptr where there
// is none.
const json::array* models_in(const json::value& body, wire_api api) {
  static const json::array none;
  if (const auto* list = body.if_array()) return list;
  const auto* object = body.if_object();
  if (object == nullptr) return nullptr;
  for (const auto* field : {"data", "models"}) {
    if (api == wire_api::gemini && std::string_view(field) == "data") continue;
    const auto* value = object->if_contains(field);
    if (value != nullptr && value->is_null()) return &none;
    if (value != nullptr && value->is_array()) return &value->get_array();
  }
  return nullptr;
}

std::string next_page(const json::object& body, wire_api api) {
  if (api == wire_api::gemini) return text_of(body, "nextPageToken");
  const auto* has_more = body.if_contains("has_more");
  if (has_more == nullptr || !has_more->is_bool() || !has_more->get_bool()) return {};
  return text_of(body, "last_id");
}

bool is_list_of_errors(const json::array& list) {
  return std::any_of(list.begin(), list.end(), [](const json::value& each) {
    const auto* object = each.if_object();
    return object != nullptr && is_error(*object);
  });
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
  if (body.failure() && (body.list() == nullptr || is_list_of_errors(*body.list()))) return *body.failure();
  const auto* list = models_in(body.root(), config.api);
  if (list == nullptr) {
    const std::string field = config.api == wire_api::gemini ? "models" : "data";
    return body.unexpected(answer, field + " is missing or no array");
  }
  model_list out;
  for (const auto& each : *list) {
    if (each.is_object() || each.is_string()) out.models.push_back(read_model(each, config.api));
  }
  if (const auto* object = body.root().if_object()) out.next_page = next_page(*object, config.api);
  take_answer(out, std::move(answer));
  return out;
}

}  // namespace warmwire::providers

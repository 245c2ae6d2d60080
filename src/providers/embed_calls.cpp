// Embeddings, see calls.hpp.
#include "providers/answer_body.hpp"
#include "providers/calls.hpp"
#include "providers/chat_check.hpp"
#include "providers/embed_vectors.hpp"
#include "providers/gemini.hpp"
#include "providers/json_document.hpp"
#include "providers/json_writer.hpp"
#include "providers/model_check.hpp"
#include "text/base64.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

result<std::string> openai_embed_body(const provider_config& config, const embed_request& what, vector_form form) {
  json_writer to;
  to.begin_object().field("model", what.model).key("input");
  if (what.input.size() == 1) {
    to.value(what.input.front());
  } else {
    to.begin_array();
    for (const auto& text : what.input)
      to.value(text);
    to.end_array();
  }
  if (what.dimensions) to.field("dimensions", *what.dimensions);
  // A quarter of the size of decimal digits, and faster to read.
  if (form == vector_form::base64 && config.profile->quirks.takes_base64_vectors) to.field("encoding_format", "base64");
  return with_extra(to.end_object().take(), what.extra_json);
}

void write_gemini_text(json_writer& to, const embed_request& what, const std::string& text) {
  to.key("content").begin_object().key("parts").begin_array();
  to.begin_object().field("text", text).end_object().end_array().field("role", "user").end_object();
  if (!what.task_type.empty()) to.field("taskType", what.task_type);
  if (what.dimensions) to.field("outputDimensionality", *what.dimensions);
}

// A request of its own, or one of a batch, which names the model of each.
result<std::string> gemini_request(const embed_request& what, const std::string& text, std::string_view model) {
  json_writer to;
  to.begin_object();
  if (!model.empty()) to.field("model", model);
  write_gemini_text(to, what, text);
  return with_extra(to.end_object().take(), what.extra_json);
}

result<std::string> gemini_embed_body(const embed_request& what) {
  if (what.input.size() == 1) return gemini_request(what, what.input.front(), {});
  json_writer to;
  to.begin_object().key("requests").begin_array();
  for (const auto& text : what.input) {
    const auto one = gemini_request(what, text, gemini_model(what.model));
    if (!one) return one.error();
    to.raw(*one);
  }
  return to.end_array().end_object().take();
}

// For the whole batch, or of each text where the server counts those.
void take_gemini_usage(const json::object& body, const std::vector<const json::object*>& items, usage& to) {
  constexpr std::int64_t greatest_count = std::int64_t{1} << 53;
  const auto* tokens = object_in(&body, "usageMetadata");
  to.input_tokens = count_in(tokens, "promptTokenCount");
  to.total_tokens = count_in(tokens, "totalTokenCount");
  if (tokens == nullptr) {
    for (const auto* each : items) {
      const auto count = count_in(object_in(each, "statistics"), "tokenCount");
      to.input_tokens = std::min(to.input_tokens + count, greatest_count);
    }
  }
  to.total_tokens = std::max(to.total_tokens, to.input_tokens);
}

std::string read_gemini_embed(const json::object& body, embed_reply& to) {
  std::vector<const json::object*> items;
  if (const auto* one = object_in(&body, "embedding")) items.push_back(one);
  if (const auto* list = array_in(&body, "embeddings")) {
    for (const auto& each : *list)
      items.push_back(each.if_object());
  }
  if (items.size() != to.vectors.size()) return "there is another number of vectors than of texts that were sent";
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto made = items[i] == nullptr ? std::nullopt : vector_in(items[i]->if_contains("values"));
    if (!made) return "embeddings[" + std::to_string(i) + "] is no vector";
    to.vectors[i] = std::move(*made);
  }
  take_gemini_usage(body, items, to.usage);
  return {};
}

}  // namespace

result<request> encode_embed(const provider_config& config, const embed_request& what, vector_form form) {
  const bool is_gemini = config.api == wire_api::gemini;
  if (config.api == wire_api::anthropic) return unsupported(config, "embed");
  if (auto ok = check_embed(what); !ok) return ok.error();
  if (what.model.empty()) {
    return error{.code = errc::invalid_option,
                 .message = "model is empty; it must name a model: the default one chats"};
  }
  if (auto ok = check_model(config, what.model); !ok) return ok.error();
  if (!what.task_type.empty() && !is_gemini) {
    return error{.code = errc::invalid_option,
                 .message = "task_type is set, and only Google's Gemini has it; leave it out"};
  }
  auto body = is_gemini ? gemini_embed_body(what) : openai_embed_body(config, what, form);
  if (!body) return body.error();
  const auto* call = what.input.size() == 1 ? "embedContent" : "batchEmbedContents";
  request out;
  out.provider = config.provider;
  out.method = "POST";
  out.url = url_of(config, is_gemini ? gemini_path(what.model, call) : "/embeddings", what.model);
  out.headers = config.fields;
  out.secret_headers = config.secret_headers;
  out.body = std::move(*body);
  out.timeout = what.timeout;
  out.tag = what.tag;
  return out;
}

bool refuses_base64(const error& reason) {
  if (reason.http_status < 400 || !reason.answer) return false;
  const std::string_view body = reason.answer->raw_body;
  return body.find("encoding_format") != std::string_view::npos || body.find("base64") != std::string_view::npos;
}

result<embed_reply> decode_embed(const provider_config& config, std::size_t expected, response&& answer,
                                 const json_document* parsed) {
  const answer_body body(config, answer, parsed);
  const bool is_list = config.api != wire_api::gemini && body.list() != nullptr && !body.list()->empty();
  if (body.failure() && !is_list) return *body.failure();
  embed_reply out;
  out.vectors.resize(expected);
  auto problem =
      config.api == wire_api::gemini ? read_gemini_embed(body.object(), out) : read_openai_embed(body.root(), out);
  if (!problem.empty()) return body.failure() ? *body.failure() : body.unexpected(answer, std::move(problem));
  take_answer(out, std::move(answer));
  return out;
}

}  // namespace warmwire::providers

// The APIs that the emulator speaks.
#include "emulator/api/provider_api.hpp"

#include "emulator/api/anthropic_api.hpp"
#include "emulator/api/api_key.hpp"
#include "emulator/api/gemini_api.hpp"
#include "emulator/api/openai_api.hpp"

#include <string>
#include <string_view>

namespace warmwire::emulator {
namespace {

using namespace std::chrono;

bool is_get(api_operation operation) {
  return operation == api_operation::models || operation == api_operation::model;
}

void append_identity(std::string& fields, const asked& question, const server_kind& as) {
  const std::string spent = std::to_string(round<milliseconds>(question.latency).count());
  if (!as.id_field.empty()) {
    const bool is_generation = as.name == "openrouter";
    append_field(fields, as.id_field,
                 is_generation ? "gen-" + padded(question.number, 20) : request_id(question.number));
  }
  if (as.name == "openai" || as.name == "azure") {
    append_field(fields, "openai-organization", "warmwire-emulator");
    append_field(fields, "openai-processing-ms", spent);
    append_field(fields, "openai-version", "2020-10-01");
  } else if (as.family == api_family::anthropic) {
    append_field(fields, "anthropic-organization-id", "warmwire-emulator");
  } else if (as.family == api_family::google) {
    append_field(fields, "server-timing", "gfet4t7; dur=" + spent);
  }
}

answer refuse_method(const asked& question, const api_call& call) {
  const std::string_view allowed = is_get(*call.operation) ? "GET, HEAD" : "POST";
  std::string message = "Not allowed to " + question.what.method + " on ";
  message.append(question.what.path()).append(".");
  answer said = error_answer({.status = 405, .message = std::move(message), .code = "method_not_supported"},
                             *call.server, question.number);
  append_field(said.fields, "Allow", allowed);
  return said;
}

answer route(const asked& question, const api_call& call) {
  const std::string& method = question.what.method;
  if (!call.operation) {
    std::string message = "Unknown request URL: " + method + " " + question.what.target + ".";
    return error_answer({.status = 404, .message = std::move(message), .code = "unknown_url"}, *call.server,
                        question.number);
  }
  const bool is_allowed = is_get(*call.operation) ? method == "GET" || method == "HEAD" : method == "POST";
  if (!is_allowed) return refuse_method(question, call);
  if (const auto wrong = check_key(question.what, *call.server)) {
    return error_answer(*wrong, *call.server, question.number);
  }
  api_call judged = call;
  if (!call.server->takes_unknown_fields) judged.others = question.others;
  switch (call.server->family) {
    case api_family::anthropic:
      return answer_anthropic(question, judged);
    case api_family::google:
      return answer_gemini(question, judged);
    default:
      return answer_openai(question, judged);
  }
}

}  // namespace

answer answer_api(const asked& question, const api_call& call) {
  answer said = route(question, call);
  append_identity(said.fields, question, *call.server);
  return said;
}

answer api_error_answer(const asked& question, const api_call& call, const api_error& error) {
  answer said = error_answer(error, *call.server, question.number);
  append_identity(said.fields, question, *call.server);
  return said;
}

void append_retry_after(std::string& fields, const server_kind& as, microseconds wait) {
  // Google's imitation of OpenAI says it in the body too.
  if (as.errors == error_shape::google || as.errors == error_shape::google_list) return;
  append_field(fields, "retry-after", std::to_string(ceil<seconds>(wait).count()));
  if (as.name == "openai" || as.name == "azure") {
    append_field(fields, "retry-after-ms", std::to_string(ceil<milliseconds>(wait).count()));
  }
}

}  // namespace warmwire::emulator

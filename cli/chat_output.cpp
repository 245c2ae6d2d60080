#include "cli/chat_output.hpp"

#include "cli/durations.hpp"
#include "cli/terminal.hpp"
#include "text/printable.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <iostream>
#include <utility>
#include <vector>

namespace warmwire::cli {
namespace {

namespace json = boost::json;

json::object timings_json(const timings& spent) {
  return {{"queue", in_ms(spent.queue)}, {"resolve", in_ms(spent.resolve)},       {"connect", in_ms(spent.connect)},
          {"tls", in_ms(spent.tls)},     {"first_byte", in_ms(spent.first_byte)}, {"total", in_ms(spent.total)}};
}

json::array calls_json(const chat_reply& reply) {
  json::array out;
  for (const auto& call : reply.tool_calls)
    out.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  return out;
}

json::array attempts_json(const std::vector<failed_attempt>& attempts) {
  json::array out;
  for (const auto& each : attempts) {
    out.push_back({{"code", to_string(each.code)},
                   {"http_status", each.http_status},
                   {"request_id", each.request_id},
                   {"waited_ms", each.waited.count()}});
  }
  return out;
}

json::object usage_json(const usage& tokens) {
  return {{"input_tokens", tokens.input_tokens},
          {"output_tokens", tokens.output_tokens},
          {"total_tokens", tokens.total_tokens},
          {"cached_tokens", tokens.cached_tokens},
          {"reasoning_tokens", tokens.reasoning_tokens}};
}

json::object connection_json(const provenance& from) {
  return {{"id", from.connection_id},
          {"reused", from.reused},
          {"remote", from.remote_address},
          {"protocol", from.protocol},
          {"tls_resumed", from.tls_resumed},
          {"replays", from.replays},
          {"failed_attempts", attempts_json(from.failed_attempts)}};
}

void print_usage(const chat_reply& reply) {
  const auto& tokens = reply.usage;
  std::cerr << "model " << text::for_terminal(reply.model) << ", finish " << to_string(reply.finish) << ", "
            << tokens.input_tokens << " tokens in";
  if (tokens.cached_tokens > 0) std::cerr << " (" << tokens.cached_tokens << " cached)";
  std::cerr << ", " << tokens.output_tokens << " out";
  if (tokens.reasoning_tokens > 0) std::cerr << " (" << tokens.reasoning_tokens << " reasoning)";
  if (!reply.request_id.empty()) std::cerr << ", request " << text::for_terminal(reply.request_id);
  std::cerr << '\n';
}

void print_attempts(const std::vector<failed_attempt>& attempts) {
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto& each = attempts[i];
    std::cerr << "attempt " << i + 1 << " failed: " << to_string(each.code);
    if (each.http_status != 0) std::cerr << " (status " << each.http_status << ')';
    std::cerr << "; waited " << each.waited.count() << " ms\n";
  }
}

void print_connection(const provenance& from) {
  const auto& spent = from.timings;
  std::cerr << "attempt " << from.failed_attempts.size() + 1 << ": connection " << from.connection_id
            << (from.reused ? " (reused)" : " (new)") << " to " << from.remote_address << ", " << from.protocol;
  if (!from.proxy.empty()) std::cerr << ", through " << from.proxy;
  if (from.replays > 0) std::cerr << ", sent again " << from.replays << " times";
  std::cerr << "\nms: queue " << fixed(in_ms(spent.queue)) << ", resolve " << fixed(in_ms(spent.resolve))
            << ", connect " << fixed(in_ms(spent.connect)) << ", tls " << fixed(in_ms(spent.tls)) << ", first byte "
            << fixed(in_ms(spent.first_byte)) << ", total " << fixed(in_ms(spent.total)) << '\n';
}

bool is_json(const std::string& text) {
  json::error_code problem;
  const auto value = json::parse(text, problem);
  return !problem && value.is_object();
}

bool has_ended_well(const chat_reply& reply) {
  return reply.finish == finish_reason::stop || reply.finish == finish_reason::tool_calls;
}

// What cut the answer may have cut its last call, which nobody shall carry out.
std::vector<tool_call> whole_calls(const chat_reply& reply) {
  std::vector<tool_call> out;
  for (const auto& call : reply.tool_calls) {
    if (has_ended_well(reply) || is_json(call.arguments)) out.push_back(call);
  }
  return out;
}

}  // namespace

json::object reply_json(const chat_reply& reply) {
  return {{"content", reply.content},
          {"refusal", reply.refusal},
          {"tool_calls", calls_json(reply)},
          {"finish", to_string(reply.finish)},
          {"finish_text", reply.finish_text},
          {"finish_message", reply.finish_message},
          {"model", reply.model},
          {"id", reply.id},
          {"request_id", reply.request_id},
          {"usage", usage_json(reply.usage)},
          {"connection", connection_json(reply.provenance)},
          {"timings_ms", timings_json(reply.provenance.timings)}};
}

json::object error_json(const error& reason) {
  json::object out{{"code", to_string(reason.code)},
                   {"phase", to_string(reason.phase)},
                   {"message", reason.message},
                   {"http_status", reason.http_status},
                   {"provider_type", reason.provider_type},
                   {"provider_code", reason.provider_code},
                   {"request_id", reason.request_id},
                   {"retry_after_ms", nullptr},
                   {"failed_attempts", attempts_json(reason.failed_attempts)}};
  if (reason.retry_after) out["retry_after_ms"] = reason.retry_after->count();
  return {{"error", std::move(out)}};
}

void print_details(const chat_reply& reply) {
  print_usage(reply);
  print_attempts(reply.provenance.failed_attempts);
  print_connection(reply.provenance);
}

void print_calls(const chat_reply& reply) {
  for (const auto& call : whole_calls(reply))
    std::cout << for_output(call.id + ": " + call.name + '(' + call.arguments + ')') << '\n';
}

bool has_answer(const chat_reply& reply) {
  return !reply.content.empty() || !whole_calls(reply).empty();
}

std::string told_end(const chat_reply& reply) {
  if (!reply.refusal.empty()) return "the model declined: " + reply.refusal;
  const auto word = reply.finish_text.empty() ? std::string(to_string(reply.finish)) : reply.finish_text;
  const auto why = reply.finish_message.empty() ? word : word + ": " + reply.finish_message;
  if (!has_answer(reply)) {
    const bool holds_more = !reply.message.parts.empty();
    if (!reply.tool_calls.empty()) return "the answer was cut off within the call of a tool (" + why + ')';
    return std::string(holds_more ? "the answer holds no text" : "the answer is empty") + " (" + why + ')';
  }
  if (has_ended_well(reply)) return {};
  if (reply.finish == finish_reason::length) return "the answer was cut off at its longest length (" + why + ')';
  if (reply.finish == finish_reason::content_filter)
    return "the provider held back the rest of the answer (" + why + ')';
  return "the answer did not come to its end (" + why + ')';
}

std::string for_output(std::string text) {
  return is_terminal(stdout) ? text::for_terminal(text) : text;
}

}  // namespace warmwire::cli

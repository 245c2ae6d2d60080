// What is wrong with a rule whose parts do not go together.
#include "emulator/script.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::emulator {
namespace {

using fault::ending;
using fault::moment;

template <class Action>
const Action* find(const rule& searched) {
  for (const action& each : searched.actions) {
    if (const auto* found = std::get_if<Action>(&each)) return found;
  }
  return nullptr;
}

bool is_zero(const std::optional<std::uint64_t>& number) {
  return number && *number == 0;
}

std::optional<std::string> check_selector(const selector& when) {
  if (is_zero(when.request) || is_zero(when.every) || is_zero(when.connection) || is_zero(when.connection_request) ||
      is_zero(when.times)) {
    return "a number in a selector is 0; allowed: 1 and more";
  }
  return std::nullopt;
}

std::optional<std::string> check_status(const rule& checked) {
  const auto* status = find<fault::status>(checked);
  if (status != nullptr && (status->code < 200 || status->code > 599)) {
    return "status " + std::to_string(status->code) + "; allowed: 200 to 599";
  }
  const auto* error = find<fault::error_event>(checked);
  if (error != nullptr && (error->status < 400 || error->status > 599)) {
    return "error-event " + std::to_string(error->status) + "; allowed: 400 to 599";
  }
  for (const action& each : checked.actions) {
    const auto* broken = std::get_if<fault::malformed_event>(&each);
    if (broken != nullptr && broken->at == 0) return "malformed-event at 0; allowed: 1 and more";
    const auto* interim = std::get_if<fault::interim>(&each);
    if (interim == nullptr) continue;
    if (interim->code < 100 || interim->code > 199 || interim->code == 101) {
      return "interim " + std::to_string(interim->code) + "; allowed: 100 and 102 to 199";
    }
    if (interim->times < 1 || interim->times > 1000) return "interim times; allowed: 1 to 1000";
  }
  return std::nullopt;
}

std::optional<std::string> check_fields(const rule& checked) {
  for (const action& each : checked.actions) {
    const auto* header = std::get_if<fault::header>(&each);
    if (header == nullptr) continue;
    const bool is_line = header->name.find_first_of(":\r\n") == std::string::npos &&
                         header->value.find_first_of("\r\n") == std::string::npos;
    if (header->name.empty() || !is_line) return "header; allowed: \"NAME: VALUE\" or \"NAME:\", on one line";
  }
  return std::nullopt;
}

std::optional<std::string> check_answer(const rule& checked) {
  const auto* raw = find<fault::raw>(checked);
  const bool has_answer_parts = find<fault::status>(checked) || find<fault::header>(checked) ||
                                find<fault::body>(checked) || find<fault::framing>(checked) ||
                                find<fault::http_1_0>(checked) || find<fault::malformed>(checked);
  if (raw != nullptr && has_answer_parts) {
    return "raw is the whole answer; it does not go with status, header, body, framing, http or malformed";
  }
  const auto* end = find<fault::end>(checked);
  const auto* rst = find<fault::rst>(checked);
  const bool counts_events = (end != nullptr && end->events) || (rst != nullptr && rst->events);
  if (raw != nullptr && counts_events) return "raw has no events; allowed: after N bytes";
  const auto* pieces = find<fault::event_bytes>(checked);
  if (pieces != nullptr && pieces->bytes == 0) return "event-bytes 0; allowed: 1 and more";
  if (find<fault::early>(checked) && raw == nullptr && !find<fault::status>(checked)) {
    return "early needs an answer that does not depend on the body: status or raw";
  }
  if (const auto* slow = find<fault::slow>(checked); slow != nullptr && slow->bytes == 0) {
    return "slow 0 bytes; allowed: 1 and more";
  }
  return std::nullopt;
}

bool is_for_connections(const action& checked) {
  const auto* end = std::get_if<fault::end>(&checked);
  return end != nullptr && (end->when == moment::accept || end->when == moment::handshake);
}

constexpr std::uint32_t max_flood_frames = 100'000;
constexpr std::uint32_t max_flood_fields = 10'000;

std::optional<std::string> check_h2(const rule& checked) {
  for (const action& each : checked.actions) {
    const auto* flood = std::get_if<fault::flood>(&each);
    if (flood == nullptr) continue;
    const auto most = flood->kind == fault::flood_kind::headers ? max_flood_fields : max_flood_frames;
    if (flood->count < 1 || flood->count > most) {
      return "flood " + std::to_string(flood->count) + "; allowed: 1 to " + std::to_string(most);
    }
  }
  if (find<fault::refuse>(checked) && (find<fault::status>(checked) || find<fault::body>(checked) ||
                                       find<fault::rst>(checked) || find<fault::bad_frame>(checked))) {
    return "refuse is the whole answer; it does not go with status, body, rst or bad-frame";
  }
  const auto* goaway = find<fault::goaway>(checked);
  if (goaway != nullptr && goaway->number > max_stream_id) return "goaway last; allowed: 0 to 2147483647";
  return std::nullopt;
}

std::optional<std::string> check_versions(const rule& checked) {
  bool has_http1 = false;
  bool has_http2 = false;
  for (const action& each : checked.actions) {
    has_http1 = has_http1 || only_version(each) == http_version::http1;
    has_http2 = has_http2 || only_version(each) == http_version::http2;
  }
  if (!has_http1 || !has_http2) return std::nullopt;
  return "http and malformed are for HTTP/1.1 only, and another action of the rule for HTTP/2 only; allowed: a rule "
         "for each";
}

std::optional<std::string> check_end(const rule& checked) {
  const auto* end = find<fault::end>(checked);
  if (end == nullptr) return std::nullopt;
  if (end->when == moment::idle && end->how == ending::stall) {
    return "stall when idle; a connection without a request is silent anyway";
  }
  if (std::none_of(checked.actions.begin(), checked.actions.end(), is_for_connections)) return std::nullopt;
  if (checked.actions.size() > 1) return "at accept and in handshake go with no other action";
  const selector& when = checked.when;
  if (when.request || when.connection_request || !when.path.empty()) {
    return "at accept and in handshake there is no request yet; allowed: all, every N, connection N";
  }
  return std::nullopt;
}

}  // namespace

std::optional<http_version> only_version(const action& judged) {
  if (std::holds_alternative<fault::http_1_0>(judged) || std::holds_alternative<fault::malformed>(judged)) {
    return http_version::http1;
  }
  const bool is_http2 =
      std::holds_alternative<fault::rst>(judged) || std::holds_alternative<fault::refuse>(judged) ||
      std::holds_alternative<fault::goaway>(judged) || std::holds_alternative<fault::settings>(judged) ||
      std::holds_alternative<fault::no_pong>(judged) || std::holds_alternative<fault::slow_window>(judged) ||
      std::holds_alternative<fault::flood>(judged) || std::holds_alternative<fault::overflow_window>(judged) ||
      std::holds_alternative<fault::push>(judged) || std::holds_alternative<fault::bad_frame>(judged);
  return is_http2 ? std::optional(http_version::http2) : std::nullopt;
}

std::optional<std::string> find_contradiction(const rule& checked) {
  if (checked.actions.empty()) return "a rule without an action";
  for (auto* check : {&check_status, &check_fields, &check_answer, &check_h2, &check_versions, &check_end}) {
    if (auto wrong = (*check)(checked)) return wrong;
  }
  return check_selector(checked.when);
}

}  // namespace warmwire::emulator

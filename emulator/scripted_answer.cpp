// What is said to a request when the script has changed it; and how the report takes note of a request.
#include "emulator/scripted_answer.hpp"

#include "emulator/openai_error.hpp"
#include "emulator/routes.hpp"

#include <algorithm>

namespace warmwire::emulator {

answer make_answer(const scripted_request& served, const session_surroundings& shared) {
  const behaviour& asked = served.asked;
  answer said;
  if (asked.raw) return said;
  if (asked.status) {
    said = error_answer(error_for_status(*asked.status));
  } else {
    said =
        answer_request({.what = served.what, .number = served.number, .latency = shared.options.latency + asked.delay});
  }
  if (asked.body) {
    said.body = *asked.body;
    said.filler_bytes = 0;
  }
  if (asked.framing) said.framing = *asked.framing;
  if (asked.pace) said.pace = asked.pace;
  for (const fault::header& each : asked.headers) {
    remove_field(said.fields, each.name);
    if (!each.value.empty()) append_field(said.fields, each.name, each.value);
  }
  return said;
}

void record_request(connection& of, const scripted_request& seen, bool is_complete, std::int32_t stream) {
  if (!of.shared.options.record) {
    of.shared.records.on_request(of.number);
    return;
  }
  const auto kept = std::min(seen.what.body.size(), recorder::kept_body_bytes);
  of.shared.records.on_request({.number = seen.number,
                                .connection = of.number,
                                .stream = stream,
                                .method = seen.what.method,
                                .target = seen.what.target,
                                .headers = seen.what.headers,
                                .body = seen.what.body.substr(0, kept),
                                .complete = is_complete});
}

}  // namespace warmwire::emulator

// What is said to a request when the script has changed it; and how the report takes note of a request.
#include "emulator/scripted_answer.hpp"

#include "emulator/api/provider_api.hpp"
#include "emulator/events/compression.hpp"
#include "emulator/events/event_script.hpp"
#include "emulator/events/event_writing.hpp"
#include "emulator/record_page.hpp"
#include "emulator/routes.hpp"

#include <algorithm>

namespace warmwire::emulator {

namespace {

// As the server that the path is of would say it; as OpenAI where it is of none.
answer told_status(const asked& question, const behaviour& told) {
  api_error error = error_for_status(told.status->code, told.status->word);
  error.retry_after = told.retry_after;
  const auto call = locate(question.what);
  return call ? api_error_answer(question, *call, error) : error_answer(error);
}

void commit_body_faults(answer& said, const asked& question, const behaviour& told) {
  const auto call = locate(question.what);
  const server_kind& server = call ? *call->server : *find_server("openai");
  if (told.retry_after) append_retry_after(said.fields, server, *told.retry_after);
  if (told.body) {
    said.body = *told.body;
    said.filler_bytes = 0;
    said.stream.reset();
  }
  if (said.stream) {
    commit_event_faults(*said.stream, told, server, question.number);
    write_events(said, told);
  }
  if (told.compress) {
    if (const auto coding = accepted_coding(question.what, *told.compress)) compress_body(said, *coding);
  }
  if (told.event_bytes && !said.pieces.empty()) {
    split_pieces(said, *told.event_bytes);
    said.has_own_records = true;
  }
}

bool wants_record(const request& what, const emulator_options& options) {
  return options.record && what.path() == record_path;
}

}  // namespace

answer make_answer(const scripted_request& served, const session_surroundings& shared) {
  const behaviour& told = served.asked;
  answer said;
  if (told.raw) return said;
  if (wants_record(served.what, shared.options)) return record_page(served.what, shared.records.snapshot());
  const asked question{.what = served.what,
                       .number = served.number,
                       .latency = shared.options.latency + told.delay,
                       .others = shared.options.strict ? unknown_fields::refused : unknown_fields::noted};
  said = told.status ? told_status(question, told) : answer_request(question);
  shared.records.on_unknown(served.what.path(), said.unknown);
  commit_body_faults(said, question, told);
  if (told.framing) said.framing = *told.framing;
  if (told.pace) said.pace = told.pace;
  for (const fault::header& each : told.headers) {
    remove_field(said.fields, each.name);
    if (!each.value.empty()) append_field(said.fields, each.name, each.value);
  }
  return said;
}

std::optional<std::uint64_t> cut_of(const answer& said, const behaviour& told) {
  const auto bytes = [&said](const auto& cut) {
    return cut.events ? bytes_of_events(said, *cut.events) : cut.body_bytes;
  };
  if (told.is_reset_at(fault::rst::moment::in_body)) return bytes(*told.rst);
  if (told.ends_at(fault::moment::in_body)) return bytes(*told.end);
  return std::nullopt;
}

void record_request(connection& of, const scripted_request& seen, bool is_complete, std::int32_t stream) {
  if (!of.shared.options.record || wants_record(seen.what, of.shared.options)) {
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

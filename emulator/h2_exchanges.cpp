// The requests on an HTTP/2 connection.
#include "emulator/h2_exchanges.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/h2_answer.hpp"
#include "emulator/h2_fault.hpp"
#include "emulator/script_words.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace warmwire::emulator {

using fault::ending;
using fault::moment;
using std::chrono::steady_clock;

h2_exchanges::h2_exchanges(connection& served)
    : connection_(served),
      shared_(served.shared),
      wire_(*this, shared_.options.max_concurrent_streams),
      idle_(shared_.options.keep_alive) {
  idle_.begin(served.opened_at, {});
}

// --- a request comes in ---

h2_stream* h2_exchanges::find(std::int32_t stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

void h2_exchanges::on_field(std::int32_t stream, std::string_view name, std::string_view value) {
  // Whoever sends this did not see our GOAWAY, and will find it when we do not answer.
  if (static_cast<std::uint32_t>(stream) > last_) return;
  auto& slot = streams_[stream];
  if (!slot) {
    slot = std::make_unique<h2_stream>();
    slot->id = stream;
  }
  take_field(*slot, name, value);
}

void h2_exchanges::on_head(std::int32_t stream) {
  h2_stream* opened = find(stream);
  if (opened == nullptr) return;
  opened->has_head = true;
  opened->number = shared_.records.on_stream(connection_.number, streams_.size());
  highest_ = std::max(highest_, static_cast<std::uint32_t>(stream));
  ++requests_;
  if (opened->refusal) {
    prepare_refusal(*opened);
    return;
  }
  opened->asked = shared_.faults.on_request({.request = opened->number,
                                             .connection = connection_.number,
                                             .connection_request = requests_,
                                             .target = opened->what.target});
  const auto limit = shared_.options.max_requests_per_connection;
  if (limit && requests_ == *limit) say_goaway({}, static_cast<std::uint32_t>(stream), "server");
  commit_head_faults(*opened);
}

void h2_exchanges::commit_head_faults(h2_stream& of) {
  if (of.asked.has_no_pong) has_no_pong_ = true;
  if (of.asked.is_refused) {
    record(of, false);
    count_unprocessed(of);
    wire_.reset(of.id, h2_code::refused_stream);
    of.is_answered = true;
    return;
  }
  if (of.asked.ends_at(moment::after_head)) {
    record(of, false);
    of.is_answered = true;
    if (of.asked.end->how != ending::stall && !end_) end_ = of.asked.end;
    return;
  }
  if (of.asked.says_goaway_at(fault::goaway::moment::after_head)) {
    const auto id = of.id;
    say_goaway(*of.asked.goaway, static_cast<std::uint32_t>(id), "fault goaway");
    if (find(id) == nullptr) return;
  }
  const std::string* expectation = of.what.find("expect");
  const bool is_waited_for = expectation != nullptr && boost::beast::iequals(*expectation, "100-continue");
  if (of.asked.is_early) {
    prepare(of);
  } else if (is_waited_for) {
    send_interim(wire_, of, 100);
  }
}

void h2_exchanges::on_body(std::int32_t stream, std::string_view bytes) {
  h2_stream* sender = find(stream);
  if (sender == nullptr) {
    wire_.credit_stream(stream, bytes.size());
    wire_.credit_connection(bytes.size());
    return;
  }
  keep_body(*sender, bytes);
  credit(*sender, bytes.size());
}

void h2_exchanges::keep_body(h2_stream& of, std::string_view bytes) {
  if (of.refusal) return;
  const bool is_too_large = of.what.body.size() + bytes.size() > request_parser::max_body_bytes ||
                            buffered_bytes_ + bytes.size() > max_buffered_bytes;
  if (!is_too_large) {
    of.what.body += bytes;
    buffered_bytes_ += bytes.size();
    return;
  }
  of.refusal = 413;
  buffered_bytes_ -= of.what.body.size();
  of.what.body = {};
  if (!of.is_answered) prepare_refusal(of);
}

void h2_exchanges::credit(h2_stream& of, std::size_t bytes) {
  const auto& slow = of.asked.slow_window;
  if (!slow || !slow->has_connection) wire_.credit_connection(bytes);
  if (!slow) {
    wire_.credit_stream(of.id, bytes);
    return;
  }
  of.owed_bytes += bytes;
  if (slow->after && !of.credit_due) {
    of.credit_due = agenda_.add(steady_clock::now() + *slow->after, {of.id, h2_agenda::step::credit});
  }
}

void h2_exchanges::pay_debt(h2_stream& of) {
  wire_.credit_stream(of.id, of.owed_bytes);
  if (of.asked.slow_window->has_connection) wire_.credit_connection(of.owed_bytes);
  of.owed_bytes = 0;
}

void h2_exchanges::on_end(std::int32_t stream) {
  h2_stream* ended = find(stream);
  if (ended == nullptr) return;
  ended->is_complete = true;
  record(*ended, true);
  if (!ended->is_answered) prepare(*ended);
}

void h2_exchanges::record(h2_stream& seen, bool is_complete) {
  // What is refused for its form is not a request, as with HTTP/1.1.
  if (seen.refusal || std::exchange(seen.is_recorded, true)) return;
  record_request(connection_, served(seen), is_complete, seen.id);
}

// --- an answer goes out ---

void h2_exchanges::prepare(h2_stream& of) {
  using state = fault::rst::moment;
  of.is_answered = true;
  for (const fault::interim& each : of.asked.interims) {
    for (unsigned i = 0; i < each.times; ++i)
      send_interim(wire_, of, each.code);
  }
  answer said = make_answer(served(of), shared_);
  const auto server_time = shared_.options.latency + of.asked.delay + said.delay;
  const std::optional<std::uint64_t> cut_after = cut_of(said, of.asked);
  std::uint64_t empty_pieces = 0;
  for (const fault::flood& each : of.asked.floods) {
    if (each.kind == fault::flood_kind::empty_data) empty_pieces += each.count;
  }
  // What follows the end of the response is hung on its last DATA frame.
  const bool has_sequel = of.asked.is_reset_at(state::after_response) || !of.asked.strays.empty();
  const bool may_have_body = of.what.method != "HEAD" && said.status != 204 && said.status != 304;
  of.body = h2_body(
      std::move(said),
      {.may_have_body = may_have_body, .has_sequel = has_sequel, .cut_after = cut_after, .empty_pieces = empty_pieces});
  if (server_time > server_time.zero()) {
    of.next_step = agenda_.add(steady_clock::now() + server_time, {of.id, h2_agenda::step::answer});
  } else {
    respond(of);
  }
}

void h2_exchanges::prepare_refusal(h2_stream& of) {
  of.is_answered = true;
  api_error error{.status = *of.refusal, .message = "The head of the request is too large."};
  if (error.status == 413) error.message = "The body of the request is too large.";
  of.body = h2_body(error_answer(error), {.may_have_body = of.what.method != "HEAD"});
  send_head(wire_, of, shared_.date.now());
}

void h2_exchanges::respond(h2_stream& of) {
  const auto consequence = send_faults(wire_, of);
  if (consequence == h2_consequence::no_further) {
    is_cut_off_ = true;
    end_ = fault::end{.how = ending::mute};
  }
  if (consequence != h2_consequence::answer) return;
  if (of.asked.says_goaway_at(fault::goaway::moment::before_response)) {
    const auto id = of.id;
    say_goaway(*of.asked.goaway, static_cast<std::uint32_t>(id), "fault goaway");
    if (find(id) == nullptr) return;
  }
  if (of.asked.ends_at(moment::before_response)) {
    if (of.asked.end->how != ending::stall && !end_) end_ = of.asked.end;
  } else if (of.asked.is_reset_at(fault::rst::moment::before_response)) {
    wire_.reset(of.id, of.asked.rst->code);
    if (of.asked.rst->code == h2_code::refused_stream) count_unprocessed(of);
  } else if (of.asked.raw) {
    respond_raw(of);
  } else {
    send_head(wire_, of, shared_.date.now());
  }
}

void h2_exchanges::respond_raw(h2_stream& of) {
  std::string_view bytes = *of.asked.raw;
  if (of.asked.ends_at(moment::in_body)) {
    bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), of.asked.end->body_bytes)));
    if (of.asked.end->how != ending::stall && !end_) end_ = of.asked.end;
  }
  wire_.send_raw(bytes);
}

h2_body_step h2_exchanges::on_body_wanted(std::int32_t stream, std::span<char> into) {
  h2_stream* asked = find(stream);
  if (asked == nullptr) return {.bytes = 0, .then = h2_body_step::state::wait};
  const bool was_cut = asked->is_cut;
  const h2_body_step step = asked->body.take(into, asked->body.has_pauses() ? steady_clock::now() : steady_time{});
  if (step.bytes > 0 && asked->body.wants_flush()) wants_flush_ = true;
  asked->is_cut = asked->body.is_cut();
  // What these send comes behind the frame that is being made.
  if (asked->is_cut && !was_cut) on_cut(*asked);
  if (step.then == h2_body_step::state::end) on_response_end(*asked);
  if (step.then == h2_body_step::state::wait && asked->body.next_piece() != never && !asked->next_step) {
    asked->next_step = agenda_.add(asked->body.next_piece(), {stream, h2_agenda::step::piece});
  }
  return step;
}

void h2_exchanges::on_cut(h2_stream& of) {
  if (of.asked.is_reset_at(fault::rst::moment::in_body)) {
    wire_.reset(of.id, of.asked.rst->code);
  } else if (of.asked.end->how != ending::stall && !end_) {
    end_ = of.asked.end;
  }
}

void h2_exchanges::on_response_end(h2_stream& of) {
  std::string sequel;
  for (const fault::stray& each : of.asked.strays) {
    if (each.where == fault::stray::placement::with_response) sequel += each.bytes;
  }
  if (of.asked.is_reset_at(fault::rst::moment::after_response)) {
    // Of a stream that both have ended nghttp2 knows no more.
    if (of.is_complete) {
      append_rst_stream(sequel, of.id, of.asked.rst->code);
    } else {
      wire_.reset(of.id, of.asked.rst->code);
    }
  }
  wire_.send_raw(sequel);
}

// --- a stream ends ---

void h2_exchanges::on_closed(std::int32_t stream) {
  h2_stream* closed = find(stream);
  if (closed == nullptr) return;
  if (closed->has_head) record(*closed, closed->is_complete);
  const auto& slow = closed->asked.slow_window;
  if (slow && slow->has_connection && slow->after) wire_.credit_connection(closed->owed_bytes);
  if (streams_.size() == 1 && closed->has_head) idle_.begin(steady_clock::now(), closed->asked);
  erase(stream);
}

void h2_exchanges::erase(std::int32_t stream) {
  h2_stream* erased = find(stream);
  buffered_bytes_ -= erased->what.body.size();
  agenda_.forget(erased->next_step);
  agenda_.forget(erased->credit_due);
  streams_.erase(stream);
}

void h2_exchanges::on_reset(std::int32_t, std::uint32_t code) {
  shared_.records.on_stream_reset(connection_.number, h2_code_name(code));
}

void h2_exchanges::on_refused(std::int32_t) {
  shared_.records.on_stream_refused(connection_.number);
}

// --- the connection ---

void h2_exchanges::on_ping(const std::uint8_t* payload) {
  shared_.records.on_ping(connection_.number);
  if (!has_no_pong_) wire_.pong(payload);
}

void h2_exchanges::on_goaway(std::uint32_t code) {
  shared_.records.on_goaway(connection_.number, h2_code_name(code));
}

void h2_exchanges::say_goaway(const fault::goaway& asked, std::uint32_t own_id, std::string reason) {
  using last_id = fault::goaway::last_id;
  std::uint32_t last = own_id;
  if (asked.last == last_id::number) last = asked.number;
  if (asked.last == last_id::before_own) last = own_id >= 2 ? own_id - 2 : 0;
  // A second one may not go back behind the first (RFC 9113 §6.8).
  last_ = std::min(last, last_);
  std::string frame;
  append_goaway(frame, last_, asked.code);
  wire_.send_raw(frame);
  if (!draining_by_) draining_by_ = std::move(reason);
  std::vector<h2_stream*> dropped;
  for (const auto& [id, stream] : streams_) {
    if (static_cast<std::uint32_t>(id) > last_) dropped.push_back(stream.get());
  }
  for (h2_stream* each : dropped)
    drop(*each);
}

void h2_exchanges::drop(h2_stream& dropped) {
  if (dropped.has_head) record(dropped, false);
  if (dropped.is_recorded) count_unprocessed(dropped);
  erase(dropped.id);
}

/// Once, though a stream may be refused and then excluded by a GOAWAY, too.
void h2_exchanges::count_unprocessed(h2_stream& of) {
  if (!std::exchange(of.is_counted_unprocessed, true)) shared_.records.on_unprocessed(id_of(of.what.headers));
}

std::optional<std::string> h2_exchanges::drained_by() const {
  return streams_.empty() ? draining_by_ : std::nullopt;
}

void h2_exchanges::finish() {
  if (last_ > highest_) say_goaway({}, highest_, {});
}

// --- time ---

void h2_exchanges::run_due(steady_time now) {
  while (const auto due = agenda_.take(now)) {
    h2_stream& of = *find(due->stream);
    switch (due->what) {
      case h2_agenda::step::answer:
        of.next_step.reset();
        respond(of);
        break;
      case h2_agenda::step::piece:
        of.next_step.reset();
        wire_.resume(of.id);
        break;
      case h2_agenda::step::credit:
        of.credit_due.reset();
        pay_debt(of);
        break;
    }
  }
  run_idle(now);
}

void h2_exchanges::run_idle(steady_time now) {
  while (!end_ && !draining_by_) {
    const bool is_due = idle_.is_due_at_once() || (streams_.empty() && idle_.deadline() <= now);
    if (!is_due) return;
    const idle_plan::step step = idle_.take();
    if (const auto* stray = std::get_if<fault::stray>(&step)) {
      wire_.send_raw(stray->bytes);
    } else if (const auto* end = std::get_if<fault::end>(&step)) {
      end_ = *end;
    } else if (const auto* goaway = std::get_if<fault::goaway>(&step)) {
      say_goaway(*goaway, highest_, "fault goaway");
    } else {
      say_goaway({}, highest_, "server keep-alive");
    }
  }
}

steady_time h2_exchanges::deadline() const {
  const bool is_idle = streams_.empty() && !end_ && !draining_by_;
  return is_idle ? std::min(agenda_.earliest(), idle_.deadline()) : agenda_.earliest();
}

void h2_exchanges::collect(std::string& out, std::size_t limit) {
  const std::size_t full = out.size() + limit;
  bool has_more = true;
  wants_flush_ = false;
  // What ends the connection is not kept waiting.
  while (has_more && (!wants_flush_ || end_) && out.size() < full && (!is_cut_off_ || wire_.has_raw()))
    has_more = wire_.next(out);
}

}  // namespace warmwire::emulator

// What the script makes of one request.
#include "emulator/behaviour.hpp"

#include <variant>

namespace warmwire::emulator {
namespace {

struct merge {
  behaviour& into;

  void operator()(const fault::delay& added) const { into.delay += added.duration; }
  void operator()(const fault::status& added) const { into.status = added; }
  void operator()(const fault::header& added) const { into.headers.push_back(added); }
  void operator()(const fault::body& added) const { into.body = added.text; }
  void operator()(const fault::raw& added) const { into.raw = added.bytes; }
  void operator()(const fault::interim& added) const { into.interims.push_back(added); }
  void operator()(const fault::early&) const { into.is_early = true; }
  void operator()(const fault::framing& added) const { into.framing = added.kind; }
  void operator()(const fault::http_1_0&) const { into.is_http_1_0 = true; }
  void operator()(const fault::malformed& added) const { into.malformation = added.kind; }
  void operator()(const fault::slow& added) const { into.pace = added; }
  void operator()(const fault::stray& added) const { into.strays.push_back(added); }
  void operator()(const fault::end& added) const { into.end = added; }
  void operator()(const fault::rst& added) const { into.rst = added; }
  void operator()(const fault::refuse&) const { into.is_refused = true; }
  void operator()(const fault::goaway& added) const { into.goaway = added; }
  void operator()(const fault::settings& added) const { into.settings.push_back(added); }
  void operator()(const fault::no_pong&) const { into.has_no_pong = true; }
  void operator()(const fault::slow_window& added) const { into.slow_window = added; }
  void operator()(const fault::flood& added) const { into.floods.push_back(added); }
  void operator()(const fault::overflow_window& added) const { into.overflow_window = added; }
  void operator()(const fault::push&) const { into.pushes = true; }
  void operator()(const fault::bad_frame& added) const { into.frame_fault = added.kind; }
  void operator()(const fault::retry_after& added) const { into.retry_after = added.duration; }
  void operator()(const fault::cut& added) const { into.cut_events = added.events; }
  void operator()(const fault::no_terminal& added) const { into.no_terminal = added; }
  void operator()(const fault::malformed_event& added) const { into.malformed_events.push_back(added); }
  void operator()(const fault::error_event& added) const { into.error_event = added; }
  void operator()(const fault::noise& added) const { into.noise.push_back(added); }
  void operator()(const fault::duplicate_usage&) const { into.has_duplicate_usage = true; }
  void operator()(const fault::event_delay& added) const { into.event_delay += added.interval; }
  void operator()(const fault::event_bytes& added) const { into.event_bytes = added.bytes; }
  void operator()(const fault::line_ends& added) const { into.line_end = added.kind; }
  void operator()(const fault::byte_order_mark&) const { into.has_byte_order_mark = true; }
  void operator()(const fault::multi_line&) const { into.has_multi_line = true; }
  void operator()(const fault::compress& added) const { into.compress = added; }
};

}  // namespace

void behaviour::apply(const action& added) {
  std::visit(merge{*this}, added);
}

}  // namespace warmwire::emulator

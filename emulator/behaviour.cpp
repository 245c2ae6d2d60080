// What the script makes of one request.
#include "emulator/behaviour.hpp"

#include <variant>

namespace warmwire::emulator {
namespace {

struct merge {
  behaviour& into;

  void operator()(const fault::delay& added) const { into.delay += added.duration; }
  void operator()(const fault::status& added) const { into.status = added.code; }
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
};

}  // namespace

void behaviour::apply(const action& added) {
  std::visit(merge{*this}, added);
}

}  // namespace warmwire::emulator

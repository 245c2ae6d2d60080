// What the script makes of the events of a stream.
#include "emulator/events/event_script.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/openai_chat_answer.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::emulator {
namespace {

using part = stream_event::part;
using form = stream_event::form;

constexpr std::size_t huge_bytes = 20U << 20U;

class event_changer {
 public:
  event_changer(event_stream& of, const server_kind& as, std::uint64_t number)
      : stream_(of), as_(as), number_(number) {}

  void duplicate_usage();
  void drop_terminal(const fault::no_terminal& how);
  void malform(const fault::malformed_event& how);
  void end_with_error(const fault::error_event& how);
  void cut(std::uint64_t events);
  void add_noise(const std::vector<fault::noise>& kinds);

 private:
  [[nodiscard]] std::size_t index_after(std::uint64_t events) const;
  [[nodiscard]] stream_event error_after(const api_error& error, std::uint64_t events) const;
  [[nodiscard]] stream_event noise_of(const fault::noise& wanted) const;

  event_stream& stream_;
  const server_kind& as_;
  std::uint64_t number_;
};

// Behind so many events that count.
std::size_t event_changer::index_after(std::uint64_t events) const {
  std::size_t index = 0;
  while (index < stream_.events.size() && events > 0) {
    if (stream_.events[index].what != part::noise) --events;
    ++index;
  }
  return index;
}

void event_changer::duplicate_usage() {
  std::vector<stream_event> doubled;
  for (stream_event& each : stream_.events) {
    if (each.has_usage) doubled.push_back(each);
    doubled.push_back(std::move(each));
  }
  stream_.events = std::move(doubled);
}

void event_changer::drop_terminal(const fault::no_terminal& how) {
  std::erase_if(stream_.events, [&how](const stream_event& each) {
    return each.what == part::marker || (each.what == part::finish && !how.is_marker_only);
  });
}

void event_changer::malform(const fault::malformed_event& how) {
  const std::size_t before = index_after(how.at - 1);
  const auto found = std::find_if(stream_.events.begin() + static_cast<std::ptrdiff_t>(before), stream_.events.end(),
                                  [](const stream_event& each) { return each.what != part::noise; });
  if (found == stream_.events.end()) return;
  std::string& data = found->data;
  switch (how.kind) {
    case fault::event_malformation::json:
      data.resize(data.size() / 2);
      break;
    case fault::event_malformation::shape:
      data = "[]";
      break;
    case fault::event_malformation::utf8:
      data.insert(data.size() / 2, "\xff");
      break;
    case fault::event_malformation::huge:
      data.append(huge_bytes, ' ');
      break;
    case fault::event_malformation::empty:
      data.clear();
      break;
  }
}

stream_event event_changer::error_after(const api_error& error, std::uint64_t events) const {
  const json::value body = error_json(error, as_, number_);
  switch (stream_.dialect) {
    case event_dialect::messages:
      return {.data = json::serialize(body), .name = "error"};
    case event_dialect::responses: {
      const json::value inner = body.is_object() ? body.get_object().at("error") : json::value(json::object());
      json::object said{{"type", "error"}, {"sequence_number", events}};
      for (const std::string_view name : {"code", "message", "param"}) {
        const json::value* found = find(inner.as_object(), name);
        said[key_of(name)] = found == nullptr ? json::value(nullptr) : *found;
      }
      return {.data = json::serialize(said), .name = "error"};
    }
    case event_dialect::chat:
      if (as_.name == "openrouter") return {.data = json::serialize(error_chunk(body, number_))};
      break;
    case event_dialect::gemini:
      break;
  }
  return {.data = json::serialize(body)};
}

void event_changer::end_with_error(const fault::error_event& how) {
  const std::size_t index = index_after(how.after);
  const auto events = static_cast<std::uint64_t>(
      std::count_if(stream_.events.begin(), stream_.events.begin() + static_cast<std::ptrdiff_t>(index),
                    [](const stream_event& each) { return each.what != part::noise; }));
  stream_.events.resize(index);
  stream_.events.push_back(error_after(error_for_status(how.status, how.word), events));
}

void event_changer::cut(std::uint64_t events) {
  stream_.events.resize(index_after(events));
}

stream_event event_changer::noise_of(const fault::noise& wanted) const {
  const bool has_ping = stream_.dialect == event_dialect::messages;
  switch (wanted.kind) {
    case fault::noise_kind::pings:
      if (has_ping) return {.data = R"({"type":"ping"})", .name = "ping", .what = part::noise};
      return {.data = "ping", .what = part::noise, .written = form::comment};
    case fault::noise_kind::comments:
      return {.data = ": a comment\n\n\n", .what = part::noise, .written = form::raw};
    case fault::noise_kind::unknown:
      return {.data = R"({"type":"emulator.unknown"})", .name = "emulator.unknown", .what = part::noise};
    case fault::noise_kind::raw:
      return {.data = wanted.bytes, .what = part::noise, .written = form::raw};
  }
  return {};
}

void event_changer::add_noise(const std::vector<fault::noise>& kinds) {
  std::vector<stream_event> mixed;
  for (stream_event& each : stream_.events) {
    if (each.what != part::noise) {
      for (const fault::noise& wanted : kinds)
        mixed.push_back(noise_of(wanted));
    }
    mixed.push_back(std::move(each));
  }
  stream_.events = std::move(mixed);
}

}  // namespace

void commit_event_faults(event_stream& of, const behaviour& asked, const server_kind& as, std::uint64_t number) {
  event_changer change(of, as, number);
  if (asked.has_duplicate_usage) change.duplicate_usage();
  if (asked.no_terminal) change.drop_terminal(*asked.no_terminal);
  for (const fault::malformed_event& each : asked.malformed_events)
    change.malform(each);
  if (asked.error_event) change.end_with_error(*asked.error_event);
  if (asked.cut_events) change.cut(*asked.cut_events);
  // Comments have no place in a JSON array.
  if (!asked.noise.empty() && !of.is_list) change.add_noise(asked.noise);
}

}  // namespace warmwire::emulator

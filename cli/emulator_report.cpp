// The emulator's report, for people and for programs.
#include "cli/emulator_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <utility>

namespace warmwire::cli {
namespace {

constexpr std::size_t printed_connections = 50;

boost::json::object resets_of(const emulator::seen_connection& seen) {
  boost::json::object resets;
  for (const auto& [code, count] : seen.resets)
    resets[code] = count;
  return resets;
}

boost::json::object unknown_of(const emulator::report& seen) {
  boost::json::object fields;
  for (const auto& [field, count] : seen.unknown_fields)
    fields[field] = count;
  return fields;
}

void print_unknown(std::ostream& out, const emulator::report& seen) {
  if (seen.unknown_fields.empty()) return;
  out << "requests  with a field that the emulator does not know\n";
  for (const auto& [field, count] : seen.unknown_fields)
    out << std::setw(8) << count << "  " << field << '\n';
}

}  // namespace

void print_report(std::ostream& out, const emulator::report& seen) {
  out << "connections " << seen.connections << " (" << seen.open_connections << " open), requests " << seen.requests
      << '\n';
  print_unknown(out, seen);
  if (seen.history.empty()) return;
  out << "connection  protocol  requests  TLS      ended by\n";
  const auto skipped = seen.history.size() - std::min(seen.history.size(), printed_connections);
  if (skipped > 0) out << "       ...  the first " << seen.connections - printed_connections << " are left out\n";
  for (std::size_t i = skipped; i < seen.history.size(); ++i) {
    const emulator::seen_connection& each = seen.history[i];
    out << std::setw(10) << each.number << "  " << std::left << std::setw(8) << each.protocol << std::right
        << std::setw(10) << each.requests << "  " << (each.tls_resumed ? "resumed" : "       ") << "  "
        << (each.open ? "(open)" : each.ended_by) << '\n';
  }
}

void print_report_as_json(std::ostream& out, const emulator::report& seen) {
  boost::json::array history;
  history.reserve(seen.history.size());
  for (const emulator::seen_connection& each : seen.history) {
    history.push_back(boost::json::object{{"number", each.number},
                                          {"protocol", each.protocol},
                                          {"requests", each.requests},
                                          {"open", each.open},
                                          {"tls_resumed", each.tls_resumed},
                                          {"ended_by", each.ended_by},
                                          {"streams", each.streams},
                                          {"max_streams_at_once", each.max_streams_at_once},
                                          {"streams_refused", each.streams_refused},
                                          {"pings", each.pings},
                                          {"resets", resets_of(each)},
                                          {"goaway", each.goaway}});
  }
  const boost::json::object report{{"connections", seen.connections},
                                   {"open_connections", seen.open_connections},
                                   {"requests", seen.requests},
                                   {"unknown_fields", unknown_of(seen)},
                                   {"history", std::move(history)}};
  out << boost::json::serialize(report) << '\n';
}

}  // namespace warmwire::cli

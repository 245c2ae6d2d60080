// The emulator's report, for people and for programs.
#pragma once

#include "emulator/report.hpp"

#include <iosfwd>

namespace warmwire::cli {

/// A line of totals and a table of the last 50 connections.
void print_report(std::ostream& out, const emulator::report& seen);

/// {"connections":…,"open_connections":…,"requests":…,"history":[{"number":…,"protocol":"h2","requests":…,"open":…,
/// "tls_resumed":…,"ended_by":"…","streams":…,"max_streams_at_once":…,"streams_refused":…,"pings":…,
/// "resets":{"cancel":…},"goaway":""},…]} on one line; the last six speak of HTTP/2.
void print_report_as_json(std::ostream& out, const emulator::report& seen);

}  // namespace warmwire::cli

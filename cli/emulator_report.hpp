// The emulator's report, for people and for programs.
#pragma once

#include "emulator/report.hpp"

#include <iosfwd>

namespace warmwire::cli {

/// A line of totals and a table of the last 50 connections.
void print_report(std::ostream& out, const emulator::report& seen);

/// {"connections":…,"open_connections":…,"requests":…,"history":[{"number":…,"requests":…,"open":…,
/// "tls_resumed":…,"ended_by":"…"},…]} on one line.
void print_report_as_json(std::ostream& out, const emulator::report& seen);

}  // namespace warmwire::cli

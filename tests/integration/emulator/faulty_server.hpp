// An emulator that was given faults. For tests of the emulator.
#pragma once

#include "emulator/emulator.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace warmwire::emulator {

class faulty_server : public server {
 public:
  explicit faulty_server(std::string_view rules, bool tls = false) : server(options(rules, tls)) {}

  /// How the connection ended; told once it has ended on the wire, so perhaps after its peer saw it.
  std::string ended_by(std::uint64_t connection = 1) {
    wait_for([connection](const emulator::report& seen) { return !seen.history.at(connection - 1).ended_by.empty(); });
    return report().history.at(connection - 1).ended_by;
  }

  /// So many connections came, and all of them are gone.
  bool all_closed(std::uint64_t connections = 1) {
    return wait_for([connections](const emulator::report& seen) {
      return seen.connections == connections && seen.open_connections == 0;
    });
  }

 private:
  static emulator_options options(std::string_view rules, bool tls) {
    emulator_options made;
    made.tls = tls;
    made.script = parse_script(rules).value();
    return made;
  }
};

}  // namespace warmwire::emulator

// What the emulator saw on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::emulator {

struct seen_request {
  std::uint64_t number = 0;      ///< in order of arrival, from 1
  std::uint64_t connection = 0;  ///< number of its connection, from 1
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  ///< as they came
  std::string body;
};

struct seen_connection {
  std::uint64_t number = 0;  ///< in order of arrival, from 1
  std::uint64_t requests = 0;
  bool open = true;
  bool tls_resumed = false;
  std::string ended_by;  ///< "client", "server", "fault …"; empty while open
};

struct report {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t requests = 0;
  std::vector<seen_connection> history;  ///< the last 10,000
  std::vector<seen_request>
      arrivals;  ///< the last 1,000 with bodies up to 64 KiB; kept only when `emulator_options::record`
};

}  // namespace warmwire::emulator

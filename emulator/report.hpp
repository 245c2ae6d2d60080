// What the emulator saw on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::emulator {

struct seen_request {
  std::uint64_t number = 0;      ///< in the order in which the heads arrived, from 1
  std::uint64_t connection = 0;  ///< number of its connection, from 1
  std::string method{};
  std::string target{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< as they came
  std::string body{};
  bool complete = true;  ///< false when the connection ended, or a fault struck, before all of the body was read
};

struct seen_connection {
  std::uint64_t number = 0;  ///< in order of arrival, from 1
  std::uint64_t requests = 0;
  bool open = true;
  bool tls_resumed = false;
  /// Who ended it first, and how; empty before that. "client" (in order), "client reset", "handshake failed: REASON",
  /// "bad request", "server" (an answer that had to be the last, or the server stopped), "server keep-alive",
  /// "fault close" and the like, with the word of docs/emulator.md.
  std::string ended_by{};
};

struct report {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t requests = 0;  ///< read completely, or as far as the end of their connection or a fault let them
  std::vector<seen_connection> history;  ///< at least the last 10,000
  /// At least the last 1,000, with bodies up to 64 KiB; kept only when `emulator_options::record`.
  std::vector<seen_request> arrivals;
};

}  // namespace warmwire::emulator

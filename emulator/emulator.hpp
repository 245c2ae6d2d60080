// A provider server for demos, tests and benchmarks: answers chats deterministically, and misbehaves on command.
#pragma once

#include "emulator/protocol_choice.hpp"
#include "emulator/report.hpp"
#include "emulator/script.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace warmwire::emulator {

struct emulator_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 picks one
  bool tls = true;
  std::chrono::microseconds latency{};  ///< server time of each answer
  /// Simulated in user space: half of it before each direction's bytes, and one more round trip charged to a new
  /// connection for the TCP handshake.
  std::chrono::microseconds rtt{};
  std::optional<std::chrono::seconds> keep_alive{};  ///< sends `Keep-Alive: timeout=` and closes idle connections then
  /// The last answer says `Connection: close`; with HTTP/2 its stream is the last of a GOAWAY.
  std::optional<std::uint64_t> max_requests_per_connection{};
  protocol_choice protocols = protocol_choice::both;
  std::uint32_t max_concurrent_streams = 100;  ///< announced to each HTTP/2 connection; 0 to 2^31 - 1
  bool record = true;                          ///< keep requests in the report; off for load
  bool strict = false;        ///< refuses the fields that it does not know; else notes them in the report
  emulator::script script{};  ///< faults
};

/// Runs on a thread of its own from construction until destruction. All functions from any thread.
class server {
 public:
  explicit server(emulator_options options);  ///< throws std::system_error when it cannot listen
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string base_url()
      const;  ///< "https://localhost:PORT/v1" (http when plain); the certificate is for localhost, 127.0.0.1 and ::1
  [[nodiscard]] std::string origin() const;   ///< "https://localhost:PORT"
  [[nodiscard]] std::string ca_file() const;  ///< PEM of the throw-away authority; removed with the server
  /// What went over the wire so far.
  [[nodiscard]] emulator::report report() const;
  /// Takes the counts of request ids out of the report, which begins anew with them: for runs with more requests than
  /// it counts. An id that arrived before and is refused afterwards is then counted as refused alone.
  [[nodiscard]] id_counts take_ids();
  /// Replaces the script; counters of requests and connections go on.
  void set_script(emulator::script script);
  /// Blocks until `condition` holds on the report (checked at each change) or `limit` passes; returns whether it held.
  bool wait_for(const std::function<bool(const emulator::report&)>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(10));

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace warmwire::emulator

// What the emulator saw on the wire.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::emulator {

struct seen_request {
  std::uint64_t number = 0;      ///< in the order in which the heads arrived, from 1
  std::uint64_t connection = 0;  ///< number of its connection, from 1
  std::int32_t stream = 0;       ///< HTTP/2 only
  std::string method{};
  std::string target{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< as they came; of HTTP/2 with :scheme and :authority
  std::string body{};
  bool complete = true;  ///< false when connection or stream ended, or a fault struck, before all of the body was read
};

struct seen_connection {
  std::uint64_t number = 0;  ///< in order of arrival, from 1
  std::uint64_t requests = 0;
  bool open = true;
  bool tls_resumed = false;
  std::string protocol{};  ///< "http/1.1" or "h2"; empty before that is known
  /// Who ended it first, and how; empty before that. "client" (in order), "client reset", "handshake failed: REASON",
  /// "bad request", "protocol error: REASON" (HTTP/2), "server" (an answer that had to be the last, or the server
  /// stopped), "server keep-alive", "fault close" and the like, with the word of docs/emulator.md.
  std::string ended_by{};

  // HTTP/2 only.
  std::uint64_t streams = 0;              ///< opened by the client, without those refused for the limit's sake
  std::uint64_t max_streams_at_once = 0;  ///< of these
  std::uint64_t streams_refused = 0;      ///< RST_STREAMs sent with REFUSED_STREAM
  std::uint64_t pings = 0;                ///< received, acknowledgements not counted
  std::map<std::string, std::uint64_t, std::less<>> resets{};  ///< RST_STREAMs received, by the word of their code
  std::string goaway{};                                        ///< the word of the code of the client's GOAWAY, if any
};

/// The requests with one `x-request-id` (or else `x-client-request-id`).
struct arrival_count {
  std::uint64_t arrived = 0;
  std::uint64_t refused = 0;  ///< of these: not processed, and the client was told so by REFUSED_STREAM or GOAWAY
};

using id_counts = std::map<std::string, arrival_count, std::less<>>;

struct report {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t requests = 0;  ///< read completely, or as far as the end of their connection or a fault let them
  std::vector<seen_connection> history;  ///< at least the last 10,000
  /// At least the last 1,000, with bodies up to 256 KiB; kept only when `emulator_options::record`.
  std::vector<seen_request> arrivals;
  /// By request id, kept as `arrivals` are; see `arrivals_of`.
  id_counts ids;
  /// Requests whose id was not counted because there were too many ids (over 100,000) or it was over 200 bytes long.
  std::uint64_t ids_not_counted = 0;
  /// In how many requests there was what the emulator does not know: "/v1/responses client_metadata" for a field,
  /// "/v1/messages messages[].role=critic" for a word. The first 1,000.
  std::map<std::string, std::uint64_t, std::less<>> unknown_fields;

  /// Requests that arrive after a GOAWAY which excludes them are not seen, hence not counted.
  [[nodiscard]] arrival_count arrivals_of(std::string_view id) const {
    const auto found = ids.find(id);
    return found == ids.end() ? arrival_count{} : found->second;
  }
};

}  // namespace warmwire::emulator

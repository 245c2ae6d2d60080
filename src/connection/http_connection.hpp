// A live connection of either protocol, as its pool sees it. Owned by the pool and by the streams on it; one executor.
#pragma once

#include "connection/http_stream.hpp"
#include "net/fork_mark.hpp"
#include "net/stream.hpp"
#include "pool/types.hpp"

#include <warmwire/error.hpp>
#include <warmwire/stats.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace warmwire::connection {

/// Bytes are read into one buffer for all connections of a transport and parsed before anyone else reads.
using read_buffer = std::vector<char>;

/// What is known of a connection since it was dialed.
struct birth {
  std::uint64_t number = 0;  ///< unique within the transport
  std::string remote_address;
  std::string proxy{};  ///< through which it leads, without credentials
  bool tls_resumed = false;
  std::chrono::microseconds resolve{};
  std::chrono::microseconds connect{};
  std::chrono::microseconds tls{};
  std::shared_ptr<const net::fork_mark> process{};  ///< whose socket it is; none: nobody asks
};

/// Told what happens to a connection outside of its exchanges. Calls come from the event loop or from within
/// `http_connection::probe`, never from within any other function of the connection.
class connection_owner {
 public:
  /// It is over: streams on it have failed. Told once.
  virtual void on_ended(pool::connection_id which, close_reason reason) = 0;
  /// It can carry so many streams at once (HTTP/2 SETTINGS), perhaps none.
  virtual void on_stream_limit(pool::connection_id which, std::size_t streams) = 0;
  /// It takes no new streams; those on it may end.
  virtual void on_draining(pool::connection_id which, close_reason reason) = 0;
  /// The same, of a peer that has processed only the first so many requests and turned the others away (GOAWAY).
  virtual void on_turned_away(pool::connection_id which, std::uint64_t processed) = 0;
  /// The place of a stream that was held (`ending::is_held`) is free.
  virtual void on_stream_free(pool::connection_id which) = 0;

 protected:
  ~connection_owner() = default;
};

class http_connection {
 public:
  /// `living` is kept until the socket is gone.
  http_connection(birth story, std::shared_ptr<void> living) : story_(std::move(story)), living_(std::move(living)) {}
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;
  virtual ~http_connection() = default;

  [[nodiscard]] const birth& story() const noexcept { return story_; }

  /// Whom to tell from now on, and under which name.
  void belong_to(std::weak_ptr<connection_owner> owner, pool::connection_id as) {
    owner_ = std::move(owner);
    id_ = as;
  }

  /// A stream for an exchange, which the pool has made room for. It keeps the connection alive.
  [[nodiscard]] virtual std::shared_ptr<http_stream> open_stream() = 0;
  /// There is no stream on it: what comes now nobody has asked for.
  virtual void watch() = 0;
  /// Looks at the socket without waiting: why the connection must not be used, or nothing when it may.
  [[nodiscard]] virtual std::optional<close_reason> probe() = 0;
  /// What it ended of, where that says more than the reason.
  [[nodiscard]] virtual std::optional<error> why_ended() const { return std::nullopt; }
  /// A request is about to be sent after a silence: time to ask whether the peer is there.
  virtual void check_out() {}
  /// When bytes last came.
  [[nodiscard]] virtual clock::time_point last_heard() const noexcept = 0;
  /// Closes at once, failing what streams are left; never waits for the peer. The owner is told nothing any more.
  virtual void close(net::farewell how) = 0;

 protected:
  [[nodiscard]] std::shared_ptr<connection_owner> owner() const { return owner_.lock(); }
  [[nodiscard]] pool::connection_id id() const noexcept { return id_; }
  /// In a fork: neither read nor written may be what is still the parent's.
  [[nodiscard]] bool is_inherited() const noexcept { return story_.process && story_.process->is_child(); }

 private:
  const birth story_;
  const std::shared_ptr<void> living_;
  std::weak_ptr<connection_owner> owner_;
  pool::connection_id id_{};
};

}  // namespace warmwire::connection

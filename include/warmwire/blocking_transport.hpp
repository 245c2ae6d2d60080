// The pools of a process for programs without an event loop: a transport on a thread of its own.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/options.hpp>
#include <warmwire/request.hpp>
#include <warmwire/stats.hpp>
#include <warmwire/transport_options.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

class transport;

/// Runs a `transport` on one thread that it owns. Every function may be called from any thread, at once; each blocks
/// its caller only. A call from the transport's own thread (a log function or a body source) fails with
/// `would_deadlock`. After a fork, the child's calls fail with `forked` and its destructor leaves the parent's
/// connections alone.
class blocking_transport {
 public:
  /// Throws `warmwire::exception` with `invalid_option`.
  explicit blocking_transport(transport_options options = {});
  blocking_transport(const blocking_transport&) = delete;
  blocking_transport& operator=(const blocking_transport&) = delete;
  /// Aborts what is still running and joins the thread; never waits for a peer.
  ~blocking_transport();

  /// As the functions of `transport` of the same names.
  result<void> configure(std::string_view provider, const pool_options& options);
  [[nodiscard]] result<pool_settings> settings(std::string_view provider) const;
  result<response> send(request message);
  [[nodiscard]] result<pool_stats> stats(std::string_view provider) const;
  [[nodiscard]] result<std::vector<pool_stats>> stats() const;
  result<std::size_t> close_idle();
  result<void> network_changed();
  result<void> prewarm(std::string_view provider, std::string_view url, std::size_t connections);
  result<void> close(std::string_view provider, std::chrono::milliseconds drain = std::chrono::seconds(5));
  result<void> close_all(std::chrono::milliseconds drain = std::chrono::seconds(5));

 private:
  friend class client;
  friend class blocking_chat_stream;
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace warmwire

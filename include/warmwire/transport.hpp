// The pools of a process: any HTTP request over kept connections. For programs that use Asio; `blocking_transport`
// is the same for those that do not.
#pragma once

#include <warmwire/detail/completion.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/options.hpp>
#include <warmwire/request.hpp>
#include <warmwire/response_stream.hpp>
#include <warmwire/stats.hpp>
#include <warmwire/transport_options.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

class async_client;

namespace detail {
class transport_core;
}

inline constexpr std::chrono::milliseconds default_drain{5'000};

/// Keeps a pool per provider id and origin, and sends requests over their connections.
///
/// Lives on one executor, which must be a single thread's or a strand. The `async_` functions may be called from any
/// thread; all others only on the executor, or on its thread while no handler runs there. A completion handler runs on
/// its associated executor, else on the transport's; what it throws leaves the function that runs that executor.
/// No function of the program's is ever called from within a call of the transport, and each may do all that is allowed
/// on the executor: start, cancel and close, destroy streams, clients and the transport itself.
/// Per-operation cancellation (terminal, partial and total alike) is supported by every `async_` function; emit it on
/// the transport's executor.
///
/// The executor's context must outlive the transport and every `response_stream` it gave out; a stream may outlive the
/// transport, and then fails with `pool_closed`.
class transport {
 public:
  /// Throws `warmwire::exception` with `invalid_option` when `options.defaults` or `options.dns` are out of range.
  explicit transport(boost::asio::any_io_executor executor, transport_options options = {});
  transport(transport&&) noexcept;
  transport& operator=(transport&&) noexcept;
  /// Aborts what is still under way (`pool_closed`); never waits for a peer. Call `async_close_all` first to end
  /// gracefully.
  ~transport();

  /// Sets the options of one provider's pool, laid over the defaults and over what was configured for it before.
  /// They hold for the next decision: a smaller limit closes surplus idle connections at once and lets busy ones
  /// finish. New TLS options hold for new connections, and idle ones made under the old are closed; so do files that
  /// these options name and that have changed since, which are looked at by each call. What was configured stays so
  /// until the end of the transport. Errors: `invalid_option`.
  result<void> configure(std::string_view provider, const pool_options& options);

  /// What `provider`'s pool runs on now.
  [[nodiscard]] pool_settings settings(std::string_view provider) const;

  /// Sends a request and reads the whole response. Signature `void(result<response>)`.
  /// A response of any status is a success. Errors: those of `errc` up to and including `response_too_large`.
  template <class CompletionToken>
  auto async_send(request message, CompletionToken&& token) {
    return detail::async_result_of<response>(
        get_executor(),
        [this](request what, detail::completion<response> done) { start_send(std::move(what), std::move(done)); },
        std::forward<CompletionToken>(token), std::move(message));
  }

  /// Sends a request and completes with the response's head, its body still to be read.
  /// Signature `void(result<response_stream>)`. Errors as for `async_send`, less those of the body.
  template <class CompletionToken>
  auto async_open(request message, CompletionToken&& token) {
    return detail::async_result_of<response_stream>(
        get_executor(),
        [this](request what, detail::completion<response_stream> done) {
          start_open(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(message));
  }

  /// One provider's figures now; all zero for an id that was never used.
  [[nodiscard]] pool_stats stats(std::string_view provider) const;
  /// The figures of every provider that was used, by id. The pool of one that was never configured is forgotten when it
  /// is closed, or after ten minutes without a request or connection; of such providers the last 1,000 are told.
  [[nodiscard]] std::vector<pool_stats> stats() const;

  /// Closes every idle connection now; returns how many.
  std::size_t close_idle();

  /// The way to the network is another one, such as after a change of Wi-Fi or VPN: closes every idle connection, lets
  /// requests that run end on theirs, dials anew what is being dialed, and forgets what was resolved.
  void network_changed();

  /// Opens connections to the origin of `url` until so many are ready for requests: through TLS, and over HTTP/2
  /// through the server's SETTINGS. Signature `void(result<void>)`. What one dial could not do is not tried again.
  /// Errors: `invalid_url`, `unsupported_scheme`, `invalid_option`; those of a dial; `pool_overflow` when the pool's
  /// limits allow fewer; `pool_closed`; `cancelled`.
  template <class CompletionToken>
  auto async_prewarm(std::string provider, std::string url, std::size_t connections, CompletionToken&& token) {
    return detail::async_result_of<void>(
        get_executor(),
        [this](std::string id, std::string where, std::size_t count, detail::completion<void> done) {
          start_prewarm(std::move(id), std::move(where), count, std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(provider), std::move(url), connections);
  }

  /// Closes exactly this provider's pool: fails its queued requests and, until it completes, its new ones with
  /// `pool_closed`, lets running ones end for `drain`, then aborts them. Completes when no socket or task of the pool
  /// is left; afterwards the next request opens it anew. Closing twice, or what was never used, is fine.
  /// Signature `void(result<void>)`. Cancelling it aborts what is still running at once.
  template <class CompletionToken>
  auto async_close(std::string provider, std::chrono::milliseconds drain, CompletionToken&& token) {
    return detail::async_result_of<void>(
        get_executor(),
        [this](std::string id, std::chrono::milliseconds limit, detail::completion<void> done) {
          start_close(std::move(id), limit, std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(provider), drain);
  }

  /// `async_close` for every provider at once.
  template <class CompletionToken>
  auto async_close_all(std::chrono::milliseconds drain, CompletionToken&& token) {
    return detail::async_result_of<void>(
        get_executor(),
        [this](std::chrono::milliseconds limit, detail::completion<void> done) {
          start_close_all(limit, std::move(done));
        },
        std::forward<CompletionToken>(token), drain);
  }

  [[nodiscard]] boost::asio::any_io_executor get_executor() const;

 private:
  friend class async_client;

  void start_send(request message, detail::completion<response> done);
  void start_open(request message, detail::completion<response_stream> done);
  void start_prewarm(std::string provider, std::string url, std::size_t connections, detail::completion<void> done);
  void start_close(std::string provider, std::chrono::milliseconds drain, detail::completion<void> done);
  void start_close_all(std::chrono::milliseconds drain, detail::completion<void> done);

  std::shared_ptr<detail::transport_core> core_;
};

}  // namespace warmwire

// A response whose body is still on its way. Made by `transport::async_open`.
#pragma once

#include <warmwire/detail/completion.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>
#include <warmwire/provenance.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace WARMWIRE_PUBLIC warmwire {

namespace detail {
class open_response;
}

/// Holds a stream of a connection like a `unique_ptr`: destroying it gives the connection back. Over HTTP/2 it resets
/// the stream at once, over HTTP/1.1 it does what `drain` does. Lives on the transport's executor: use and destroy it
/// there, one operation at a time. The socket is read only when `async_read` is called.
class response_stream {
 public:
  response_stream();
  explicit response_stream(std::unique_ptr<detail::open_response> response);
  response_stream(response_stream&&) noexcept;
  response_stream& operator=(response_stream&&) noexcept;
  ~response_stream();

  /// False after a move from it, and after `drain`.
  [[nodiscard]] bool valid() const noexcept;
  [[nodiscard]] int status() const noexcept;
  [[nodiscard]] const warmwire::headers& headers() const noexcept;
  /// The timings grow until the body has ended.
  [[nodiscard]] warmwire::provenance provenance() const;

  /// The next bytes of the body as they arrive; an empty string at its end. Signature `void(result<std::string>)`.
  /// After an error or the end the connection is given back, and further calls complete with the same.
  /// Errors: `stream_interrupted`, `stream_idle_timeout`, `deadline_exceeded`, `invalid_chunk`, `malformed_response`,
  /// `pool_closed`, `cancelled`. Cancelling closes the connection (HTTP/1.1).
  template <class CompletionToken>
  auto async_read(CompletionToken&& token) {
    return detail::async_result_of<std::string>(
        executor(), [this](detail::completion<std::string> done) { start_read(std::move(done)); },
        std::forward<CompletionToken>(token));
  }

  /// From now on the reads of this body may wait for so long in all; then they fail with `stream_idle_timeout`, and the
  /// connection is given up. Time without a read does not count. Nothing: as before, as long as the pool's limits let
  /// them. Not while a read runs.
  void limit_rest(std::optional<std::chrono::milliseconds> wait);

  /// Lets go of a body whose rest does not matter, as after the last event of a stream: reads what is left of it in the
  /// background to save the connection, up to `drain_bytes` and `drain_timeout`; then closes the connection, or resets
  /// the stream. Not while a read runs.
  void drain();

 private:
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept;
  void start_read(detail::completion<std::string> done);

  std::unique_ptr<detail::open_response> response_;
};

}  // namespace warmwire

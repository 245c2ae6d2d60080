// An answer while it arrives, for programs that use Asio. Made by `async_client::async_stream`.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/detail/completion.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/stream_event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

/// How long a stream whose answer is complete is waited for what may still come of it, such as its usage, when the
/// server neither says that it has ended nor sends anything but signs of life. Then it is a success.
inline constexpr std::chrono::milliseconds end_of_stream_grace{3'000};

namespace detail {
class open_chat;
}

/// Holds a stream of a connection like a `unique_ptr`: destroying it before its end tells the provider at once that
/// nobody listens any more, and gives the connection back (see `response_stream`). Lives on the transport's executor:
/// use and destroy it there, one operation at a time. It may outlive the client and the transport.
///
/// The connection is read only while `next` waits, and not further than the bytes that arrive at once: a reader that
/// stops slows the provider down.
class chat_stream {
 public:
  chat_stream();
  explicit chat_stream(std::shared_ptr<detail::open_chat> from);
  chat_stream(chat_stream&&) noexcept;
  chat_stream& operator=(chat_stream&&) noexcept;
  ~chat_stream();

  /// False after a move from it.
  [[nodiscard]] bool valid() const noexcept;

  /// The next event as it arrives; nothing after the last, which is `chat_finished`. Signature
  /// `void(result<std::optional<stream_event>>)`. Only an answer that the provider has marked as complete has an end;
  /// all others fail, after the events that came before: `stream_interrupted`, `stream_idle_timeout` and the other
  /// errors of `response_stream::async_read`, the provider's own, `unexpected_body`, `response_too_large`.
  /// `error::partial` is what had arrived by then. Further calls complete with the same. Cancelling gives the stream
  /// up.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto next(CompletionToken&& token = CompletionToken()) {
    return detail::async_result_of<std::optional<stream_event>>(
        executor(), [this](detail::completion<std::optional<stream_event>> done) { start_next(std::move(done)); },
        std::forward<CompletionToken>(token));
  }

  /// The whole answer once it is complete, which `chat_finished` says; before, what has arrived so far.
  [[nodiscard]] chat_reply reply() const;

 private:
  friend class blocking_chat_stream;

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept;
  void start_next(detail::completion<std::optional<stream_event>> done);
  /// The next event and those that came with it; none after the last.
  void start_next_events(detail::completion<std::vector<stream_event>> done);

  std::shared_ptr<detail::open_chat> chat_;
};

}  // namespace warmwire

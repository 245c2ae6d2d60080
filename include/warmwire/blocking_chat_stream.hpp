// An answer while it arrives, for programs without an event loop. Made by `client::stream`.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/error.hpp>
#include <warmwire/stream_event.hpp>

#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace WARMWIRE_PUBLIC warmwire {

class blocking_transport;
class chat_stream;

/// Walked by range-for, whose every step blocks until the next event has arrived:
///
///     for (const auto& event : stream)
///       if (const auto* text = std::get_if<text_delta>(&event)) std::cout << text->text;
///     const auto reply = stream.reply();
///
/// The loop ends with the answer, or with what went wrong: `reply` tells. Leaving it early, by `break` or by an
/// exception, gives the answer up, as `cancel` does and the destructor.
///
/// From any thread, but one call at a time. It keeps the client's transport alive.
class [[nodiscard]] blocking_chat_stream {
 public:
  class iterator;

  blocking_chat_stream(blocking_chat_stream&&) noexcept;
  blocking_chat_stream& operator=(blocking_chat_stream&&) noexcept;
  ~blocking_chat_stream();

  /// Goes on where the last loop, `next` or `reply` stopped.
  [[nodiscard]] iterator begin();
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// The next event; nothing after the last, and nothing when the answer cannot be read further. The connection is read
  /// only while this waits: a reader that stops slows the provider down.
  std::optional<stream_event> next();

  /// The whole answer; reads what is left of it. Errors: those of `client::chat`, and once an event has arrived
  /// `stream_interrupted`, `stream_idle_timeout` and whatever else `chat_stream::next` tells of; `error::partial` is
  /// what had arrived.
  result<chat_reply> reply();

  /// Tells the provider that nobody listens any more and gives the connection back; `reply` is `cancelled` then.
  /// Nothing happens after the last event.
  void cancel();

 private:
  friend class client;
  blocking_chat_stream(std::shared_ptr<blocking_transport> over, result<chat_stream> opened);

  class state;
  std::unique_ptr<state> state_;
};

/// Stands at an event. Destroying it there gives the answer up: that is how leaving a loop is noticed.
class blocking_chat_stream::iterator {
 public:
  using value_type = stream_event;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  explicit iterator(blocking_chat_stream& from) : from_(&from), event_(from.next()) {}
  iterator(iterator&& other) noexcept
      : from_(std::exchange(other.from_, nullptr)), event_(std::exchange(other.event_, std::nullopt)) {}
  iterator& operator=(iterator&& other) noexcept {
    std::swap(from_, other.from_);
    std::swap(event_, other.event_);
    return *this;
  }
  ~iterator() {
    if (event_) from_->cancel();
  }

  [[nodiscard]] const stream_event& operator*() const noexcept { return *event_; }
  iterator& operator++() {
    event_ = from_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  [[nodiscard]] bool operator==(std::default_sentinel_t /*end*/) const noexcept { return !event_; }

 private:
  blocking_chat_stream* from_;
  std::optional<stream_event> event_;
};

}  // namespace warmwire

#include "client/blocking_state.hpp"
#include "client/open_chat.hpp"

#include <warmwire/blocking_chat_stream.hpp>
#include <warmwire/chat_stream.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace warmwire {

/// The stream lives on the transport's thread; here is what was taken from it.
class WARMWIRE_INTERNAL blocking_chat_stream::state {
 public:
  state(std::shared_ptr<blocking_transport> over, result<chat_stream> opened) : transport_(std::move(over)) {
    if (opened) {
      chat_ = std::make_shared<chat_stream>(std::move(*opened));
    } else {
      end_with(std::move(opened).error());
    }
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { let_go(); }

  std::optional<stream_event> next() {
    if (events_.empty() && !outcome_) fetch();
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.back());
    events_.pop_back();
    return event;
  }

  result<chat_reply> reply() {
    while (next()) {
    }
    return *outcome_;
  }

  void cancel() {
    if (outcome_) return events_.clear();
    const bool is_unread = !std::exchange(events_, {}).empty();
    // Once this has gone round, the connection is free.
    auto outcome = on_thread<chat_reply>([chat = chat_, is_unread](auto handler) {
      auto seen = chat->reply();
      const bool is_whole = !is_unread && chat->chat_->is_over();
      *chat = chat_stream();
      if (is_whole) return handler(std::move(seen));
      error reason{.code = errc::cancelled, .phase = phase::body, .message = "the caller gave the stream up"};
      reason.failed_attempts = seen.provenance.failed_attempts;
      reason.partial = std::make_shared<const chat_reply>(std::move(seen));
      handler(std::move(reason));
    });
    outcome_.emplace(std::move(outcome));
    let_go();
  }

 private:
  void fetch() {
    using events = std::vector<stream_event>;
    auto got = on_thread<events>([chat = chat_](auto handler) {
      chat->start_next_events(detail::completion<events>(std::move(handler), chat->executor()));
    });
    if (!got) return end_with(std::move(got).error());
    if (got->empty()) {
      auto whole = on_thread<chat_reply>([chat = chat_](auto handler) { handler(chat->reply()); });
      outcome_.emplace(std::move(whole));
      return let_go();
    }
    events_ = std::move(*got);
    std::reverse(events_.begin(), events_.end());  // taken from the back
  }

  template <class T, class Start>
  result<T> on_thread(Start start) {
    return transport_->state_->wait<T>([&](auto handler) {
      boost::asio::post(transport_->state_->inner().get_executor(),
                        [start, handler = std::move(handler)]() mutable { start(std::move(handler)); });
    });
  }

  void end_with(error reason) {
    outcome_.emplace(std::move(reason));
    let_go();
  }

  void let_go() {
    if (chat_) transport_->state_->drop(std::move(chat_));
  }

  const std::shared_ptr<blocking_transport> transport_;
  std::shared_ptr<chat_stream> chat_;
  std::vector<stream_event> events_;
  std::optional<result<chat_reply>> outcome_;
};

blocking_chat_stream::blocking_chat_stream(std::shared_ptr<blocking_transport> over, result<chat_stream> opened)
    : state_(std::make_unique<state>(std::move(over), std::move(opened))) {}
blocking_chat_stream::blocking_chat_stream(blocking_chat_stream&&) noexcept = default;
blocking_chat_stream& blocking_chat_stream::operator=(blocking_chat_stream&&) noexcept = default;
blocking_chat_stream::~blocking_chat_stream() = default;

blocking_chat_stream::iterator blocking_chat_stream::begin() {
  return iterator(*this);
}

std::optional<stream_event> blocking_chat_stream::next() {
  return state_->next();
}

result<chat_reply> blocking_chat_stream::reply() {
  return state_->reply();
}

void blocking_chat_stream::cancel() {
  state_->cancel();
}

}  // namespace warmwire

#include "client/open_chat.hpp"

#include <warmwire/chat_stream.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace warmwire {

namespace {

template <class T>
void run(const std::shared_ptr<detail::open_chat>& chat, boost::asio::awaitable<result<T>> task,
         detail::completion<T> done) {
  const auto slot = done.slot();
  auto end = [chat, done = std::move(done)](const std::exception_ptr& thrown, result<T> outcome) mutable {
    if (thrown) std::rethrow_exception(thrown);
    done(std::move(outcome));
  };
  boost::asio::co_spawn(chat->executor(), std::move(task), boost::asio::bind_cancellation_slot(slot, std::move(end)));
}

}  // namespace

chat_stream::chat_stream() = default;
chat_stream::chat_stream(std::shared_ptr<detail::open_chat> from) : chat_(std::move(from)) {}
chat_stream::chat_stream(chat_stream&&) noexcept = default;

chat_stream& chat_stream::operator=(chat_stream&& other) noexcept {
  std::swap(chat_, other.chat_);
  return *this;
}

chat_stream::~chat_stream() {
  if (chat_) chat_->abandon();
}

bool chat_stream::valid() const noexcept {
  return chat_ != nullptr;
}

chat_reply chat_stream::reply() const {
  return chat_->reply();
}

void chat_stream::start_next(detail::completion<std::optional<stream_event>> done) {
  run(chat_, chat_->next(), std::move(done));
}

void chat_stream::start_next_events(detail::completion<std::vector<stream_event>> done) {
  run(chat_, chat_->next_events(), std::move(done));
}

}  // namespace warmwire

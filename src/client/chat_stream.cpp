#include "client/open_chat.hpp"
#include "transport/spawn.hpp"

#include <warmwire/chat_stream.hpp>

#include <utility>

namespace warmwire {

namespace {

template <class T>
void run(const std::shared_ptr<detail::open_chat>& chat, boost::asio::awaitable<result<T>> task,
         detail::completion<T> done) {
  const auto slot = done.slot();
  auto end = [chat = chat, done = std::move(done)](result<T> outcome) mutable {
    if (!outcome) chat->stop(outcome.error());
    chat.reset();
    done(std::move(outcome));
  };
  detail::spawn(chat->executor(), std::move(task), slot, std::move(end));
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

const boost::asio::any_io_executor& chat_stream::executor() const noexcept {
  return chat_->executor();
}

void chat_stream::start_next(detail::completion<std::optional<stream_event>> done) {
  detail::begin_or_fail(executor(), done, [this](const auto& told) { run(chat_, chat_->next(), told); });
}

void chat_stream::start_next_events(detail::completion<std::vector<stream_event>> done) {
  detail::begin_or_fail(executor(), done, [this](const auto& told) { run(chat_, chat_->next_events(), told); });
}

}  // namespace warmwire

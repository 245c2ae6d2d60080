#include "connection/outgoing.hpp"

#include "http/chunked.hpp"
#include "http/thrown.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <mutex>
#include <utility>

namespace warmwire::connection {

namespace {

constexpr std::size_t one_write = std::size_t{16} << 10;  // a TLS record (RFC 8446 §5.1)

error source_failure(errc code, std::string message) {
  error reason;
  reason.code = code;
  reason.phase = phase::write;
  reason.message = std::move(message);
  return reason;
}

std::string chunk_of(std::string_view bytes) {
  std::string chunk;
  http::append_chunk(chunk, bytes);
  return chunk;
}

}  // namespace

/// One question to the source. Outlives the exchange, and its event loop, where the source answers late.
struct outgoing::production {
  std::mutex mutex;
  outgoing* owner = nullptr;
  std::optional<boost::asio::any_io_executor> executor;  // gone with the exchange
};

outgoing::outgoing(std::string head, std::string_view body) : head_(std::move(head)), head_size_(head_.size()) {
  if (head_.size() + body.size() <= one_write) {
    head_.append(body);
  } else {
    body_ = body;
  }
}

outgoing::outgoing(std::string head, body_source source, std::uint64_t limit, boost::asio::any_io_executor executor)
    : head_(std::move(head)),
      head_size_(head_.size()),
      source_(std::make_shared<const body_source>(std::move(source))),
      limit_(limit),
      source_ended_(source_->length == 0U),
      executor_(std::move(executor)) {}

outgoing::~outgoing() {
  if (!asked_) return;
  const std::lock_guard lock(asked_->mutex);
  asked_->owner = nullptr;
  asked_->executor.reset();
}

std::span<const char> outgoing::front() {
  if (offset_ < head_.size()) return std::span(head_).subspan(offset_);
  const std::size_t into_body = offset_ - head_.size();
  if (into_body < body_.size()) return std::span(body_).subspan(into_body);
  if (source_ && !source_ended_ && !failure_ && !asked_) ask();
  return {};
}

void outgoing::consume(std::size_t bytes) {
  offset_ += bytes;
  written_ += bytes;
}

void outgoing::on_produced(std::function<void()> listener) {
  listener_ = std::move(listener);
}

bool outgoing::is_finished() const noexcept {
  return offset_ == head_.size() + body_.size() && (!source_ || source_ended_);
}

bool outgoing::has_used_source() const noexcept {
  return used_source_;
}

void outgoing::begin(form how) noexcept {
  form_ = how;
  offset_ = how == form::http_1 ? 0 : head_size_;
  written_ = 0;
}

/// Bytes are asked for in the middle of a write: the source, which may do anything, must not run there.
void outgoing::ask() {
  used_source_ = true;
  asked_ = std::make_shared<production>();
  asked_->owner = this;
  asked_->executor = executor_;
  boost::asio::post(executor_, [question = asked_, source = source_] { put(question, source); });
}

/// After the source was called nothing is touched but what `question` still leads to.
void outgoing::put(const std::shared_ptr<production>& question, const std::shared_ptr<const body_source>& source) {
  if (!question->owner || !question->owner->listener_) return;
  // The handler may be called late, from another thread, or never: it reaches us through the executor and only while
  // we are still there. It does not hold the source, which may hold it.
  const auto answer = [question](result<std::string> chunk) {
    const std::lock_guard lock(question->mutex);
    if (!question->executor) return;
    boost::asio::post(*question->executor, [question, chunk = std::move(chunk)]() mutable {
      if (auto* owner = std::exchange(question->owner, nullptr)) owner->receive(std::move(chunk));
    });
  };
  std::string failure;
  try {
    return source->next(answer);
  } catch (const std::exception& thrown) {
    failure = std::string("the request's body source threw: ") + thrown.what();
  } catch (...) {
    failure = "the request's body source threw what is no std::exception";
  }
  if (auto* owner = std::exchange(question->owner, nullptr)) {
    owner->fail(source_failure(errc::request_body_failed, std::move(failure)));
  }
}

void outgoing::fail(error why) {
  asked_.reset();
  failure_ = std::move(why);
  if (listener_) listener_();
}

void outgoing::receive(result<std::string> chunk) {
  asked_.reset();
  try {
    take(std::move(chunk));
  } catch (...) {
    failure_ = http::error_of(std::current_exception());
  }
  if (listener_) listener_();
}

void outgoing::take(result<std::string> chunk) {
  if (!chunk) {
    failure_ = source_failure(errc::request_body_failed, "the request's body source failed: " + chunk.error().message);
  } else if (chunk->empty()) {
    finish_source();
  } else if (produced_ += chunk->size(); produced_ > source_->length.value_or(limit_)) {
    failure_ =
        source_->length
            ? source_failure(errc::request_body_failed, "the body source gave more than the " +
                                                            std::to_string(*source_->length) + " bytes it promised")
            : source_failure(errc::request_too_large,
                             "the request body is longer than max_request_body_bytes (" + std::to_string(limit_) + ")");
  } else {
    source_ended_ = produced_ == source_->length;
    const bool is_chunked = form_ == form::http_1 && !source_->length;
    head_ = is_chunked ? chunk_of(*chunk) : std::move(*chunk);
    offset_ = 0;
  }
}

void outgoing::finish_source() {
  if (source_->length) {
    failure_ =
        source_failure(errc::request_body_failed, "the body source gave " + std::to_string(produced_) + " of the " +
                                                      std::to_string(*source_->length) + " bytes it promised");
    return;
  }
  source_ended_ = true;
  head_ = form_ == form::http_1 ? http::last_chunk : std::string_view();
  offset_ = 0;
}

}  // namespace warmwire::connection

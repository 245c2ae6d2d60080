// Reads requests from a channel, one after the other.
#include "emulator/request_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <string_view>

namespace warmwire::emulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t small_read_bytes = 4096;
constexpr std::size_t large_read_bytes = 65536;
constexpr std::size_t max_read_ahead_bytes = 65536;

}  // namespace

bool request_reader::has_bytes() {
  // An empty line before a request is to be ignored (RFC 9112 §2.2).
  while (buffer_.size() > 0) {
    const char first = *static_cast<const char*>(buffer_.data().data());
    if (first != '\r' && first != '\n') return true;
    buffer_.consume(1);
  }
  return false;
}

std::string_view request_reader::peek() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

asio::awaitable<boost::system::error_code> request_reader::fill(steady_time deadline) {
  const bool is_body = parser_ && parser_->is_header_done() && !parser_->is_done();
  const auto space = buffer_.prepare(is_body ? large_read_bytes : small_read_bytes);
  const io_result got =
      co_await channel_.read_some(std::span(static_cast<char*>(space.data()), space.size()), deadline);
  buffer_.commit(got.bytes);
  co_return got.failure;
}

boost::system::error_code request_reader::parse() {
  error_code failure;
  if (buffer_.size() > 0) buffer_.consume(parser_->put(buffer_.data(), failure));
  return failure == http::error::need_more ? error_code() : failure;
}

asio::awaitable<boost::system::error_code> request_reader::read_head(request& into) {
  parser_.emplace(into);
  while (true) {
    error_code failure = parse();
    if (failure || parser_->is_header_done()) co_return failure;
    failure = co_await fill();
    if (failure) co_return failure;
  }
}

asio::awaitable<boost::system::error_code> request_reader::read_body() {
  parser_->want_body();
  while (!parser_->is_done()) {
    error_code failure = parse();
    if (!failure && !parser_->is_done()) failure = co_await fill();
    if (failure) co_return failure;
  }
  co_return error_code();
}

asio::awaitable<boost::system::error_code> request_reader::sleep_until(steady_time time) {
  while (buffer_.size() < max_read_ahead_bytes) {
    const error_code failure = co_await fill(time);
    if (failure) co_return failure == asio::error::timed_out ? error_code() : failure;
    if (std::chrono::steady_clock::now() >= time) co_return error_code();
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return error_code();
}

asio::awaitable<boost::system::error_code> request_reader::drain(steady_time deadline) {
  while (true) {
    buffer_.clear();
    if (const error_code failure = co_await fill(deadline)) co_return failure;
  }
}

}  // namespace warmwire::emulator

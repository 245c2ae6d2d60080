#include "tests/soak/callers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace warmwire::test {

caller::caller(surroundings& around, std::string provider, std::string_view protocol)
    : around_(around), provider_(std::move(provider)), protocol_(protocol), timer_(around.loop) {}

void caller::start() {
  ++around_.calling;
  pause();
}

/// Not everyone calls at the same time, and some leave their connection idle.
void caller::pause() {
  timer_.expires_after(std::chrono::microseconds(draw(around_.chance, 0, 20'000)));
  timer_.async_wait([this](boost::system::error_code) {
    if (around_.is_over) {
      --around_.calling;
    } else {
      call();
    }
  });
}

void caller::call() {
  const auto id = around_.book.begin(protocol_);
  if (draw(around_.chance, 0, 3) != 0) {
    around_.pools.async_send(make_request(id), [this, id](const result<response>& how) { ended(id, how); });
    return;
  }
  boost::asio::co_spawn(around_.loop, stream(make_request(id)),
                        [this, id](const std::exception_ptr& thrown, const result<response>& how) {
                          if (thrown) std::rethrow_exception(thrown);
                          ended(id, how);
                        });
}

void caller::ended(std::uint64_t id, const result<response>& how) {
  around_.book.end(id, how);
  pause();
}

request caller::make_request(std::uint64_t id) const {
  request made;
  made.provider = provider_;
  made.method = "POST";
  made.url = around_.url;
  made.headers.add("x-request-id", std::to_string(id));
  made.body = body_of(id);
  made.timeout = std::chrono::milliseconds(draw(around_.chance, 200, 3'000));
  return made;
}

boost::asio::awaitable<result<response>> caller::stream(request message) {
  using boost::asio::use_awaitable;
  auto opened = co_await around_.pools.async_open(std::move(message), use_awaitable);
  if (opened.has_error()) co_return opened.error();
  response whole;
  whole.status = opened->status();
  for (;;) {
    const auto piece = co_await opened->async_read(use_awaitable);
    if (piece.has_error()) co_return piece.error();
    if (piece->empty()) break;
    whole.body += *piece;
  }
  whole.provenance = opened->provenance();
  co_return whole;
}

}  // namespace warmwire::test

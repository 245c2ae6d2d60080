#include "dialing.hpp"

#include "loop_slices.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <poll.h>
#include <utility>

namespace warmwire::test {
namespace {

bool wait_for(net::stream& on, short events) {
  pollfd wanted{.fd = on.socket().native_handle(), .events = events, .revents = 0};
  return ::poll(&wanted, 1, 10'000) == 1;
}

}  // namespace

result<net::dialed> dial_now(boost::asio::io_context& context, net::dial_request request) {
  net::dialer dialer(context.get_executor());
  return dial_now(context, dialer, std::move(request));
}

result<net::dialed> dial_now(boost::asio::io_context& context, net::dialer& dialer, net::dial_request request) {
  std::optional<result<net::dialed>> outcome;
  const auto dial = [&]() -> boost::asio::awaitable<void> { outcome.emplace(co_await dialer.dial(request)); };
  const auto rethrow = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  boost::asio::co_spawn(context, dial, rethrow);
  context.restart();
  loop_slices::run(context, std::chrono::seconds(60));
  if (!outcome) return error{.message = "the dial hangs"};
  return std::move(*outcome);
}

bool wait_readable(net::stream& on) {
  return wait_for(on, POLLIN);
}

net::io_result read_all(net::stream& from, std::string& into) {
  std::array<char, 16384> buffer{};
  for (;;) {
    const auto step = from.try_read(buffer);
    if (step.status == net::io_status::done) {
      into.append(buffer.data(), step.bytes);
    } else if (step.status != net::io_status::want_read || !wait_for(from, POLLIN)) {
      return step;
    }
  }
}

std::string read_exactly(net::stream& from, std::size_t count) {
  std::string all(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const auto step = from.try_read(std::span(all).subspan(have));
    if (step.status == net::io_status::done) {
      have += step.bytes;
    } else if (step.status != net::io_status::want_read || !wait_for(from, POLLIN)) {
      break;
    }
  }
  all.resize(have);
  return all;
}

net::io_result write_all(net::stream& to, std::string_view data) {
  while (!data.empty()) {
    const auto step = to.try_write(data);
    if (step.status == net::io_status::done) {
      data.remove_prefix(step.bytes);
    } else if (step.status != net::io_status::want_write || !wait_for(to, POLLOUT)) {
      return step;
    }
  }
  return {};
}

}  // namespace warmwire::test

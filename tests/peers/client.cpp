// The real transport against a real server.
#include "tests/peers/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <utility>

namespace warmwire::test {
namespace {

/// Shared by the callers of one `send_all`.
struct load_state {
  load work;
  std::string expected_body;
  std::size_t sent = 0;
  std::size_t callers_left = 0;
  load_outcome outcome{};
};

void judge(load_state& state, const result<response>& got) {
  ++state.outcome.answered;
  if (got.has_error()) {
    state.outcome.errors.push_back(got.error().to_string());
  } else if (got->status != 200) {
    state.outcome.errors.push_back("status " + std::to_string(got->status));
  } else if (!state.expected_body.empty() && got->body != state.expected_body) {
    state.outcome.errors.push_back("the body " + got->body);
  }
}

awaitable<void> call(client& by, std::shared_ptr<load_state> state) {
  while (state->sent < state->work.requests) {
    auto message = by.post("/echo/" + std::to_string(++state->sent));
    const auto got = co_await by.send(std::move(message));
    judge(*state, got);
  }
}

}  // namespace

client::client(std::string to, const std::string& ca_file, pool_options options)
    : origin(std::move(to)), pools(loop.get_executor()) {
  if (!ca_file.empty()) {
    if (!options.tls) options.tls.emplace();
    options.tls->ca_file = ca_file;
  }
  // What the environment says of proxies is none of a test's business.
  if (!options.proxy) options.proxy.emplace().use_environment = false;
  pools.configure("default", options).value();
}

request client::get(const std::string& path) const {
  request message;
  message.url = origin + path;
  return message;
}

request client::post(const std::string& path, std::string body) const {
  request message = get(path);
  message.method = "POST";
  message.body = std::move(body);
  return message;
}

awaitable<result<response>> client::send(request message) {
  co_return co_await pools.async_send(std::move(message), use_awaitable);
}

awaitable<load_outcome> client::send_all(load work, std::string expected_body) {
  const auto state = std::make_shared<load_state>(load_state{work, std::move(expected_body), 0, work.callers});
  for (std::size_t i = 0; i < work.callers; ++i) {
    boost::asio::co_spawn(loop, call(*this, state), [state](const std::exception_ptr& thrown) {
      if (thrown) state->outcome.errors.emplace_back("an exception");
      --state->callers_left;
    });
  }
  co_await until([&] { return state->callers_left == 0; });
  co_return state->outcome;
}

void client::run(const std::function<awaitable<void>()>& body) {
  std::exception_ptr failure;
  boost::asio::co_spawn(
      loop,
      [&]() -> awaitable<void> {
        std::exception_ptr thrown;
        try {
          co_await body();
        } catch (...) {
          thrown = std::current_exception();
        }
        (void)co_await pools.async_close_all(0ms, use_awaitable);
        if (thrown) std::rethrow_exception(thrown);
      },
      [&](const std::exception_ptr& thrown) { failure = thrown; });
  loop.restart();
  loop.run_for(hang);
  ASSERT_TRUE(loop.stopped()) << "something is left on the loop";
  if (failure) std::rethrow_exception(failure);
  const auto left = stats();
  EXPECT_EQ(left.active + left.idle + left.connecting + left.pending, 0U) << left.to_string();
}

awaitable<void> client::until(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + hang;
  while (!condition() && std::chrono::steady_clock::now() < give_up)
    co_await pass(1ms);
  EXPECT_TRUE(condition());
}

awaitable<void> client::pass(std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(loop, time);
  co_await timer.async_wait(use_awaitable);
}

}  // namespace warmwire::test

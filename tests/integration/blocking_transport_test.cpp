// A transport with a thread of its own: calls from other threads, its end, and a fork.
#include "hang.hpp"
#include "whole_chats.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace warmwire::test::blocking_transport_test {
namespace {

TEST(blocking_transport, ends_at_once_while_a_peer_is_silent) {
  emulator::server server(answering_with(always({fault::end{.how = fault::ending::stall}})));
  auto over = std::make_unique<blocking_transport>(trusting(server));
  auto silent = std::async(std::launch::async, [&server, to = over.get()] {
    return to->send({.provider = "openai", .url = server.origin() + "/v1/models"});
  });
  ASSERT_TRUE(server.wait_for([](const emulator::report& seen) { return seen.requests == 1; }));
  over.reset();
  const auto outcome = silent.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::pool_closed);
}

TEST(blocking_transport, refuses_options_out_of_range) {
  transport_options options;
  options.defaults.max_connections = 0;
  EXPECT_THROW(blocking_transport{options}, exception);
  blocking_transport fine;
  EXPECT_EQ(fine.configure("openai", options.defaults).error().code, errc::invalid_option);
}

TEST(blocking_transport, applies_what_is_configured) {
  blocking_transport over;
  EXPECT_EQ(over.settings("openai")->idle_timeout, 240s);
  pool_options options;
  options.max_connections = 7;
  ASSERT_TRUE(over.configure("openai", options));
  EXPECT_EQ(over.settings("openai")->max_connections, 7U);
}

TEST(blocking_transport, closes_what_it_is_told_to) {
  emulator::server server({.strict = true});
  auto chats = client_of(server);
  auto& over = chats.transport();
  ASSERT_TRUE(chats.chat("a"));
  EXPECT_EQ(over.close_idle().value(), 1U);
  ASSERT_TRUE(chats.chat("b"));
  ASSERT_TRUE(over.close("open"));
  EXPECT_EQ(over.stats("openai")->idle, 1U);
  ASSERT_TRUE(over.close("openai"));
  EXPECT_EQ(over.stats("openai")->idle, 0U);
  ASSERT_TRUE(chats.chat("c"));
  ASSERT_TRUE(over.close_all());
  EXPECT_EQ(over.stats("openai")->idle, 0U);
  EXPECT_EQ(over.stats("openai")->opened, 3U);
}

TEST(blocking_transport, refuses_a_call_that_would_wait_for_itself) {
  emulator::server server({.strict = true});
  std::optional<client> chats;
  std::optional<result<chat_reply>> inner;
  std::promise<void> told;
  auto options = trusting(server);
  options.log = [&](std::string_view) {
    if (inner) return;
    inner = chats->chat("from the log");
    told.set_value();
  };
  chats.emplace(at(server), std::make_shared<blocking_transport>(std::move(options)));
  ASSERT_TRUE(chats->chat("hi"));
  ASSERT_EQ(told.get_future().wait_for(hang), std::future_status::ready) << "the log hears of it soon after";
  chats.reset();  // joins the thread that wrote `inner`
  ASSERT_TRUE(inner.has_value());
  ASSERT_FALSE(*inner);
  EXPECT_EQ(inner->error().code, errc::would_deadlock);
}

// Whether the thread has ended to its last: only then has OpenSSL freed what it keeps for each thread.
bool thread_is_gone(pid_t thread) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  const auto entry = "/proc/self/task/" + std::to_string(thread);
  while (std::filesystem::exists(entry)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(blocking_transport, may_be_released_on_its_own_thread) {
  struct last_words {
    std::promise<pid_t> said;
    ~last_words() { said.set_value(::gettid()); }
  };
  emulator::server server({.strict = true});
  auto words = std::make_shared<last_words>();
  auto gone = words->said.get_future();
  auto over = std::make_shared<blocking_transport*>();
  auto options = trusting(server);
  options.log = [over, words = std::move(words)](std::string_view) { delete std::exchange(*over, nullptr); };
  *over = new blocking_transport(std::move(options));
  const auto outcome = (*over)->send({.provider = "openai", .url = server.origin() + "/v1/models"});
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_EQ(gone.wait_for(10s), std::future_status::ready);
  EXPECT_TRUE(thread_is_gone(gone.get()));
}

// In a child there is no gtest: the exit code tells.
int calls_after_fork(std::unique_ptr<client> chats) {
  const auto reply = chats->chat("from the child");
  if (reply || reply.error().code != errc::forked) return 1;
  if (chats->transport().stats("openai").error().code != errc::forked) return 2;
  chats.reset();
  return 0;
}

TEST(blocking_transport, leaves_a_fork_alone) {
  emulator::server server({.strict = true});
  auto chats = std::make_unique<client>(client_of(server));
  ASSERT_TRUE(chats->chat("before"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(calls_after_fork(std::move(chats)));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto after = chats->chat("after");
  ASSERT_TRUE(after) << after.error().to_string();
  EXPECT_TRUE(after->provenance.reused);
}

}  // namespace
}  // namespace warmwire::test::blocking_transport_test

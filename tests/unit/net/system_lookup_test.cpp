// Look-ups on threads, with a made-up getaddrinfo that is silent until the test lets it speak.
#include "net/system_lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace warmwire::net::system_lookup_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Owned by each look-up, too, since they may end after their test.
class silent_servers {
 public:
  result<resolved> ask(const std::string& host) {
    std::unique_lock lock(mutex_);
    ++asked_[host];
    changed_.notify_all();
    if (host.starts_with("silent")) changed_.wait(lock, [this] { return speaks_; });
    if (host.starts_with("throws")) throw std::runtime_error("out of order");
    return resolved{.addresses = {"192.0.2.1"}};
  }

  void wait_until_asked(const std::string& host, int times = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_[host] >= times; });
  }

  void speak() {
    const std::lock_guard lock(mutex_);
    speaks_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> asked_;
  bool speaks_ = false;
};

class system_look_ups : public testing::Test {
 protected:
  ~system_look_ups() override { servers_->speak(); }

  void use(const lookup_limits& limits) {
    lookup_ = std::make_unique<system_lookup>(
        [servers = servers_](const std::string& host) { return servers->ask(host); }, limits);
  }

  std::future<result<resolved>> start(const std::string& host) {
    auto answer = std::make_shared<std::promise<result<resolved>>>();
    lookup_->start(host, [answer](result<resolved> said) { answer->set_value(std::move(said)); });
    return answer->get_future();
  }

  static std::string address_in(std::future<result<resolved>> answer) {
    if (answer.wait_for(60s) != std::future_status::ready) return "no answer";
    const auto said = answer.get();
    return said ? said->addresses.at(0) : said.error().message;
  }

  const std::shared_ptr<silent_servers> servers_ = std::make_shared<silent_servers>();
  std::unique_ptr<system_lookup> lookup_;
};

TEST_F(system_look_ups, a_silent_name_does_not_hold_up_others) {
  use({});
  std::vector<std::future<result<resolved>>> silent;
  for (int i = 0; i < 20; ++i)
    silent.push_back(start("silent-" + std::to_string(i)));
  EXPECT_EQ(address_in(start("good")), "192.0.2.1");
  servers_->speak();
  for (auto& each : silent)
    EXPECT_EQ(address_in(std::move(each)), "192.0.2.1");
}

TEST_F(system_look_ups, names_that_were_silent_never_take_all_threads) {
  use({.threads = 2, .silent = 1, .silent_after = 0s});
  const auto first = start("silent-1");
  servers_->wait_until_asked("silent-1");
  const auto again = start("silent-1");
  EXPECT_EQ(address_in(start("good")), "192.0.2.1");
  EXPECT_THAT(lookup_->why_late("silent-1"), HasSubstr("the oldest of silent-1"));
}

TEST_F(system_look_ups, many_quick_names_share_few_threads) {
  use({.threads = 2});
  std::vector<std::future<result<resolved>>> all;
  for (int i = 0; i < 200; ++i)
    all.push_back(start("quick-" + std::to_string(i)));
  for (auto& each : all)
    EXPECT_EQ(address_in(std::move(each)), "192.0.2.1");
}

TEST_F(system_look_ups, the_end_waits_for_nobody) {
  use({});
  auto running = start("silent-1");
  servers_->wait_until_asked("silent-1");
  lookup_.reset();  // would hang if it joined: the server speaks only when the test ends
  EXPECT_NE(running.wait_for(0s), std::future_status::timeout) << "the completion was dropped, and its promise with it";
}

TEST_F(system_look_ups, the_end_drops_those_that_wait) {
  use({.threads = 1});
  auto running = start("silent-1");
  servers_->wait_until_asked("silent-1");
  auto waiting = start("good");
  lookup_.reset();
  EXPECT_THROW(waiting.get(), std::future_error);
}

TEST_F(system_look_ups, a_thread_that_had_nothing_to_do_for_long_ends_and_another_comes) {
  use({.idle = 0s});
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(address_in(start("good")), "192.0.2.1");
}

TEST_F(system_look_ups, more_names_than_may_wait_fail_and_say_so) {
  use({.threads = 1, .waiting = 1});
  const auto running = start("silent-1");
  servers_->wait_until_asked("silent-1");
  const auto waiting = start("a");
  EXPECT_EQ(address_in(start("b")), "too many names wait for one of the 1 look-ups that may run at once");
}

TEST_F(system_look_ups, what_a_look_up_throws_is_its_error) {
  use({});
  EXPECT_EQ(address_in(start("throws")), "out of order");
}

TEST(ask_system, knows_the_names_of_this_machine_and_says_why_not) {
  const auto local = ask_system("localhost");
  ASSERT_TRUE(local.has_value()) << local.error().message;
  EXPECT_THAT(local->addresses, testing::Contains(testing::AnyOf("127.0.0.1", "::1")));
  const auto none = ask_system("no such name");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, errc::resolve_failed);
  EXPECT_FALSE(none.error().message.empty());
}

}  // namespace
}  // namespace warmwire::net::system_lookup_test

#include "providers/defaults.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace warmwire::providers::defaults_test {
namespace {

using namespace std::chrono_literals;

TEST(provider_defaults, known_providers_keep_idle_connections_for_longer) {
  EXPECT_EQ(default_settings("openai").idle_timeout, 240s);
  EXPECT_EQ(default_settings("anthropic").idle_timeout, 240s);
  EXPECT_EQ(default_settings("google").idle_timeout, 300s);
}

TEST(provider_defaults, other_ids_get_the_general_default_even_when_they_begin_alike) {
  EXPECT_EQ(default_settings("openai-eu").idle_timeout, 60s);
  EXPECT_EQ(default_settings("open").idle_timeout, 60s);
  EXPECT_EQ(default_settings("").idle_timeout, 60s);
}

TEST(provider_defaults, only_the_idle_timeout_differs) {
  EXPECT_EQ(default_settings("openai").max_connections, 50U);
  EXPECT_EQ(default_settings("openai").max_idle, 10U);
}

}  // namespace
}  // namespace warmwire::providers::defaults_test

#include <warmwire/error.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace warmwire::error_test {
namespace {

TEST(error, every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  const auto last = static_cast<int>(errc::unsupported_call);
  for (int code = 1; code <= last; ++code)
    names.insert(to_string(static_cast<errc>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(last));
  EXPECT_EQ(to_string(errc::certificate_wrong_host), "certificate_wrong_host");
  EXPECT_EQ(to_string(phase::first_byte), "first_byte");
}

TEST(error, text_holds_what_there_is) {
  EXPECT_EQ((error{.code = errc::invalid_url, .message = "the URL has no host"}).to_string(),
            "invalid_url: the URL has no host");
  EXPECT_EQ((error{.code = errc::pool_overflow, .phase = phase::queue}).to_string(), "pool_overflow (queue)");
  EXPECT_EQ((error{.code = errc::rate_limited, .message = "slow down", .http_status = 429, .request_id = "req_1"})
                .to_string(),
            "rate_limited: slow down; status 429; request req_1");
  error third{.code = errc::overloaded, .http_status = 529};
  third.failed_attempts.resize(2);
  EXPECT_EQ(third.to_string(), "overloaded; status 529; try 3");
}

TEST(error, value_of_a_failed_result_throws_it) {
  const result<int> failed = error{.code = errc::connect_failed, .phase = phase::connect, .message = "refused"};
  try {
    std::ignore = failed.value();
    FAIL();
  } catch (const exception& thrown) {
    EXPECT_EQ(thrown.reason().code, errc::connect_failed);
    EXPECT_STREQ(thrown.what(), "connect_failed (connect): refused");
  }
}

}  // namespace
}  // namespace warmwire::error_test

// What is told of streams that are held for long.
#include "wire.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace warmwire::test::lease_test {
namespace {

struct reports {
  std::vector<long_lease> seen;

  transport_options options() {
    transport_options made;
    made.on_long_lease = [this](const long_lease& what) { seen.push_back(what); };
    return made;
  }
};

pool_options impatient() {
  pool_options options;
  options.report_lease_after = 20ms;
  return options;
}

TEST(lease, one_that_is_held_for_long_is_reported_once_and_once_more_when_it_is_back) {
  reports told;
  wire test({}, impatient(), {}, told.options());
  test.run([&]() -> awaitable<void> {
    auto message = test.get("/bytes/1000000");
    message.tag = "forgetful";
    {
      const auto held = (co_await test.pools.async_open(message, use_awaitable)).value();
      co_await test.until([&] { return !told.seen.empty(); });
      // Another request's look at its deadlines must not report it again.
      EXPECT_TRUE((co_await test.send(test.get("/delay/60ms"))).has_value());
      EXPECT_EQ(told.seen.front().tag, "forgetful");
      EXPECT_FALSE(told.seen.front().is_back);
      EXPECT_EQ(told.seen.front().connection_id, held.provenance().connection_id);
      EXPECT_GE(told.seen.front().held_for, 20ms);
    }
    co_await test.until([&] { return told.seen.back().is_back && told.seen.back().tag == "forgetful"; });
    const auto of_it = std::count_if(told.seen.begin(), told.seen.end(),
                                     [](const long_lease& each) { return each.tag == "forgetful"; });
    EXPECT_EQ(of_it, 2);
  });
}

TEST(lease, zero_reports_nothing) {
  reports told;
  auto silent = impatient();
  silent.report_lease_after = 0ms;
  wire test({}, silent, {}, told.options());
  test.run([&]() -> awaitable<void> { EXPECT_TRUE((co_await test.send(test.get("/delay/60ms"))).has_value()); });
  EXPECT_TRUE(told.seen.empty());
}

TEST(lease, a_report_says_who_holds_what_in_one_line) {
  const long_lease what{"openai", "https://localhost:1", "nightly\nreport", 7, 912'400ms, false};
  EXPECT_EQ(what.to_string().find('\n'), std::string::npos);
  EXPECT_EQ(what.to_string().substr(0, 68), "long lease: openai https://localhost:1 connection 7 held for 912 s b");
}

TEST(lease, what_the_report_throws_changes_nothing) {
  transport_options options;
  options.on_long_lease = [](const long_lease&) { throw std::runtime_error("no disk"); };
  wire test({}, impatient(), {}, options);
  test.run([&]() -> awaitable<void> { EXPECT_TRUE((co_await test.send(test.get("/delay/60ms"))).has_value()); });
}

}  // namespace
}  // namespace warmwire::test::lease_test

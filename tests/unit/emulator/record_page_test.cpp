// The page of the last requests.
#include "emulator/record_page.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace warmwire::emulator::record_page_test {
namespace {

boost::json::array page_of(std::string target, const report& seen) {
  request what;
  what.method = "GET";
  what.target = std::move(target);
  return boost::json::parse(record_page(what, seen).body).at("requests").as_array();
}

TEST(record_page, shows_requests_in_the_order_of_their_arrival) {
  report seen;
  seen.arrivals.push_back({.number = 2, .connection = 1, .method = "GET", .target = "/b"});
  seen.arrivals.push_back({.number = 1,
                           .connection = 1,
                           .method = "POST",
                           .target = "/a",
                           .headers = {{"x-key", "\"k\""}},
                           .body = "{\"a\":\n1}",
                           .complete = false});
  const auto all = page_of("/_emulator/requests", seen);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("number").to_number<int>(), 1);
  EXPECT_EQ(all[0].at("body").as_string(), "{\"a\":\n1}");
  EXPECT_EQ(all[0].at("headers").at(0).at(1).as_string(), "\"k\"");
  EXPECT_FALSE(all[0].at("complete").as_bool());
  EXPECT_EQ(all[1].at("target").as_string(), "/b");
}

TEST(record_page, shows_what_came_after_a_number_and_at_most_the_last_hundred) {
  report seen;
  for (std::uint64_t number = 1; number <= 150; ++number)
    seen.arrivals.push_back({.number = number});
  EXPECT_EQ(page_of("/_emulator/requests?after=148", seen).size(), 2U);
  EXPECT_EQ(page_of("/_emulator/requests?after=150", seen).size(), 0U);
  const auto last = page_of("/_emulator/requests", seen);
  EXPECT_EQ(last.size(), max_page_requests);
  EXPECT_EQ(last.front().at("number").to_number<int>(), 51);
}

TEST(record_page, is_for_those_who_ask_by_address_or_as_localhost) {
  struct asker {
    std::string host;
    unsigned status;
  };
  for (const auto& [host, status] : {asker{"localhost", 200},
                                     {"LOCALHOST:8443", 200},
                                     {"127.0.0.1:1", 200},
                                     {"192.168.1.5", 200},
                                     {"[::1]:443", 200},
                                     {"evil.example", 403},
                                     {"evil.example:8443", 403},
                                     {"localhost.evil.example", 403},
                                     {"127.0.0.1.evil.example", 403},
                                     {"notlocalhost", 403},
                                     {"", 403}}) {
    for (const auto* field : {"Host", ":authority"}) {
      request what;
      what.target = "/_emulator/requests";
      what.headers = {{field, host}};
      EXPECT_EQ(record_page(what, {}).status, status) << field << ": " << host;
    }
  }
}

}  // namespace
}  // namespace warmwire::emulator::record_page_test

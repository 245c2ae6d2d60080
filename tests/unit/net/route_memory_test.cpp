// In which order addresses are tried.
#include "net/route_memory.hpp"

#include "net/address.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace warmwire::net::route_memory_test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

tcp::endpoint at(const char* address) {
  return {make_address(address), 443};
}

endpoints all(std::initializer_list<const char*> list) {
  endpoints made;
  for (const auto* address : list)
    made.push_back(at(address));
  return made;
}

std::string text(const endpoints& list) {
  std::string out;
  for (const auto& one : list)
    out.append(out.empty() ? "" : " ").append(one.address().to_string());
  return out;
}

TEST(interleaved, takes_the_families_by_turns_and_that_of_the_first_first) {
  EXPECT_EQ(text(interleaved(all({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"}))), "::1 1.1.1.1 ::2 1.1.1.2 ::3");
  EXPECT_EQ(text(interleaved(all({"1.1.1.1", "1.1.1.2", "::1"}))), "1.1.1.1 ::1 1.1.1.2");
  EXPECT_EQ(text(interleaved(all({"1.1.1.1", "::1", "::2", "::3"}))), "1.1.1.1 ::1 ::2 ::3");
  EXPECT_EQ(text(interleaved(all({"1.1.1.2", "1.1.1.1"}))), "1.1.1.2 1.1.1.1");
  EXPECT_EQ(text(interleaved({})), "");
}

TEST(interleaved, an_address_that_occurs_twice_counts_once) {
  EXPECT_EQ(text(interleaved(all({"::1", "1.1.1.1", "::1", "1.1.1.1", "::2"}))), "::1 1.1.1.1 ::2");
}

class route_memory_test : public testing::Test {
 protected:
  std::string order() { return text(routes_.ordered(all({"::1", "::2", "1.1.1.1", "1.1.1.2"}), now_)); }

  route_memory routes_;
  route_memory::time_point now_{1h};
};

TEST_F(route_memory_test, an_address_that_failed_is_tried_last_for_five_minutes) {
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
  routes_.failed(at("::1"), now_);
  EXPECT_EQ(order(), "::2 1.1.1.1 1.1.1.2 ::1");
  now_ += 5min - 1ms;
  EXPECT_EQ(order(), "::2 1.1.1.1 1.1.1.2 ::1");
  now_ += 1ms;
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
}

TEST_F(route_memory_test, those_that_failed_go_by_turns_too) {
  for (const auto* address : {"1.1.1.1", "::1", "::2"})
    routes_.failed(at(address), now_);
  EXPECT_EQ(order(), "1.1.1.2 ::1 1.1.1.1 ::2");
  routes_.failed(at("1.1.1.2"), now_);
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
}

TEST_F(route_memory_test, success_makes_up_for_a_failure) {
  routes_.failed(at("::1"), now_);
  routes_.succeeded(at("::1"));
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
  EXPECT_EQ(routes_.size(), 0U);
}

TEST_F(route_memory_test, another_port_is_another_route) {
  routes_.failed({make_address("::1"), 444}, now_);
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
}

TEST_F(route_memory_test, everything_can_be_forgotten) {
  routes_.failed(at("::1"), now_);
  routes_.forget();
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2");
}

TEST_F(route_memory_test, too_many_push_out_the_one_that_failed_longest_ago) {
  routes_.failed(at("::2"), now_ - 1s);
  routes_.failed(at("::1"), now_ - 2s);
  for (unsigned int i = 2; i < route_memory::max_addresses; ++i)
    routes_.failed({boost::asio::ip::address_v4(0x0a000000 + i), 443}, now_);
  EXPECT_EQ(routes_.size(), route_memory::max_addresses);
  EXPECT_EQ(order(), "1.1.1.1 1.1.1.2 ::1 ::2");
  routes_.failed(at("1.1.1.2"), now_);
  EXPECT_EQ(routes_.size(), route_memory::max_addresses);
  EXPECT_EQ(order(), "::1 1.1.1.1 ::2 1.1.1.2") << "::1 was forgotten";
}

}  // namespace
}  // namespace warmwire::net::route_memory_test

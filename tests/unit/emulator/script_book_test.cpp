// Which rule matches what, and how often.
#include "emulator/script_book.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace warmwire::emulator::script_book_test {
namespace {

TEST(script_book, counts_requests_and_connections) {
  script_book book(
      parse_script("request 2: status 501\nevery 3: status 502\nconnection 7 request 1: status 503").value());
  const auto status = [&book](std::uint64_t request, std::uint64_t connection, std::uint64_t connection_request) {
    const auto told = book.on_request({request, connection, connection_request, "/"}).status;
    return told ? std::optional(told->code) : std::nullopt;
  };
  EXPECT_EQ(status(1, 1, 1), std::nullopt);
  EXPECT_EQ(status(2, 1, 2), 501U);
  EXPECT_EQ(status(3, 1, 3), 502U);
  EXPECT_EQ(status(6, 1, 6), 502U);
  EXPECT_EQ(status(7, 7, 1), 503U);
  EXPECT_EQ(status(8, 7, 2), std::nullopt);
}

TEST(script_book, forgets_a_rule_that_is_used_up) {
  script_book book(parse_script("path /a times 2: reset").value());
  EXPECT_FALSE(book.on_request({1, 1, 1, "/b"}).end);
  EXPECT_TRUE(book.on_request({2, 1, 2, "/a"}).end);
  EXPECT_TRUE(book.on_request({3, 1, 3, "/abc"}).end);
  EXPECT_FALSE(book.on_request({4, 1, 4, "/a"}).end);
}

TEST(script_book, merges_rules_and_lets_the_later_decide) {
  script_book book(parse_script("all: delay 1s, status 500\nrequest 1: delay 2s, status 503, interim 103").value());
  const behaviour merged = book.on_request({1, 1, 1, "/"});
  EXPECT_EQ(merged.delay, std::chrono::seconds(3));
  EXPECT_EQ(merged.status.value().code, 503U);
  EXPECT_EQ(merged.interims.size(), 1U);
}

TEST(script_book, keeps_rules_for_connections_apart_from_rules_for_requests) {
  script_book book(parse_script("every 2: close at accept\nconnection 3: reset in handshake\nall: status 500").value());
  EXPECT_FALSE(book.on_connection(1));
  EXPECT_EQ(book.on_connection(2).value().how, fault::ending::close);
  EXPECT_EQ(book.on_connection(3).value().when, fault::moment::handshake);
  const behaviour seen = book.on_request({2, 3, 1, "/"});
  EXPECT_FALSE(seen.end);
  EXPECT_EQ(seen.status.value().code, 500U);
}

TEST(script_book, starts_its_counts_anew_with_a_new_script) {
  const auto once = parse_script("all times 1: reset").value();
  script_book book(once);
  EXPECT_TRUE(book.on_request({1, 1, 1, "/"}).end);
  EXPECT_FALSE(book.on_request({2, 1, 2, "/"}).end);
  book.replace(once);
  EXPECT_TRUE(book.on_request({3, 1, 3, "/"}).end);
}

TEST(script_book, refuses_a_rule_without_an_action) {
  EXPECT_THROW(script_book(script{.rules = {rule{}}}), std::invalid_argument);
}

}  // namespace
}  // namespace warmwire::emulator::script_book_test

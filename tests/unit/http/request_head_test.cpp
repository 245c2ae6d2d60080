#include "http/request_head.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace warmwire::http::request_head_test {
namespace {

/// A head for https://api.example.com/v1 to be changed where a test says so.
class request_head_test : public testing::Test {
 protected:
  result<std::string> encode(request_head head) {
    std::string out;
    if (auto appended = append_request_head(out, head); !appended) {
      EXPECT_EQ(out, "") << "an error must leave the output as it was";
      return appended.error();
    }
    return out;
  }

  request_head head(std::string_view method, const headers& fields) const {
    return {.method = method, .url = url_, .fields = fields, .user_agent = "warmwire/0.1"};
  }

  request_head with_length(const headers& fields, std::uint64_t length) const {
    auto made = head("POST", fields);
    made.framing = framing::length;
    made.body_length = length;
    return made;
  }

  request_head chunked(const headers& fields) const {
    auto made = head("POST", fields);
    made.framing = framing::chunked;
    return made;
  }

  const headers none_;
  const url url_ = *parse_url("https://api.example.com/v1?a=b");
};

TEST_F(request_head_test, without_a_body) {
  EXPECT_EQ(*encode(head("GET", none_)),
            "GET /v1?a=b HTTP/1.1\r\n"
            "Host: api.example.com\r\n"
            "User-Agent: warmwire/0.1\r\n"
            "Connection: keep-alive\r\n"
            "Keep-Alive: timeout=60\r\n"
            "\r\n");
}

TEST_F(request_head_test, fields_of_the_caller_come_first_and_in_order) {
  const headers fields{{"Authorization", "Bearer x"}, {"X-B", ""}, {"x-b", "2"}};
  EXPECT_EQ(*encode(with_length(fields, 170)),
            "POST /v1?a=b HTTP/1.1\r\n"
            "Authorization: Bearer x\r\n"
            "X-B: \r\n"
            "x-b: 2\r\n"
            "Host: api.example.com\r\n"
            "User-Agent: warmwire/0.1\r\n"
            "Content-Length: 170\r\n"
            "Connection: keep-alive\r\n"
            "Keep-Alive: timeout=60\r\n"
            "\r\n");
}

TEST_F(request_head_test, what_the_caller_gives_is_not_added) {
  const headers fields{{"HOST", "other"}, {"user-agent", "mine"}, {"content-length", "3"}, {"connection", "close"}};
  EXPECT_EQ(*encode(with_length(fields, 3)),
            "POST /v1?a=b HTTP/1.1\r\n"
            "HOST: other\r\n"
            "user-agent: mine\r\n"
            "content-length: 3\r\n"
            "connection: close\r\n"
            "\r\n");
  const headers hint{{"keep-alive", "timeout=5"}};
  EXPECT_EQ(encode(head("GET", hint))->find("timeout=60"), std::string::npos);
  const headers framed{{"transfer-encoding", "Chunked"}};
  EXPECT_EQ(encode(chunked(framed))->find("Transfer-Encoding"), std::string::npos);
}

TEST_F(request_head_test, a_body_of_unknown_length_is_chunked) {
  const auto out = *encode(chunked(none_));
  EXPECT_NE(out.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(out.find("Content-Length"), std::string::npos);
}

TEST_F(request_head_test, methods_that_promise_a_body_say_when_there_is_none) {
  for (const auto* method : {"POST", "PUT", "PATCH"}) {
    EXPECT_NE(encode(head(method, none_))->find("Content-Length: 0\r\n"), std::string::npos) << method;
  }
  for (const auto* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(encode(head(method, none_))->find("Content-Length"), std::string::npos) << method;
  }
}

TEST_F(request_head_test, the_hint_follows_the_idle_timeout) {
  auto wanted = head("GET", none_);
  wanted.idle_timeout = std::chrono::milliseconds(240'999);
  EXPECT_NE(encode(wanted)->find("Keep-Alive: timeout=240\r\n"), std::string::npos);
  wanted.idle_timeout = std::chrono::milliseconds(0);
  const auto out = *encode(wanted);
  EXPECT_NE(out.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(out.find("Keep-Alive"), std::string::npos);
}

TEST_F(request_head_test, the_head_is_appended_with_one_growth_at_most) {
  const headers fields{{"Authorization", std::string(500, 'k')}, {"A", "b"}};
  auto wanted = with_length(fields, 18'446'744'073'709'551'615U);
  wanted.idle_timeout = std::chrono::hours(24);
  std::string out(100, 'x');
  ASSERT_TRUE(append_request_head(out, wanted).has_value());
  EXPECT_EQ(out.substr(0, 100), std::string(100, 'x'));
  EXPECT_EQ(out.substr(100, 5), "POST ");
  EXPECT_LE(out.capacity() - out.size(), 192U);
  EXPECT_GE(out.capacity(), out.size());
}

TEST_F(request_head_test, field_values_may_hold_tabs_and_bytes_beyond_ascii) {
  const headers fields{{"X", "a\tb \xc3\xa9"}};
  EXPECT_TRUE(encode(head("GET", fields)).has_value());
}

TEST_F(request_head_test, a_field_that_breaks_the_message_is_refused_and_its_value_not_repeated) {
  const std::string bad_values[] = {"s3cret\r\nX: y",           "s3cret\n",   "s3cret\r",
                                    std::string("s3cret\0", 7), "s3cret\x7f", "s3cret\x01"};
  for (const auto& value : bad_values) {
    const headers fields{{"Authorization", value}};
    const auto out = encode(head("GET", fields));
    ASSERT_FALSE(out.has_value());
    EXPECT_EQ(out.error().code, errc::invalid_header);
    EXPECT_NE(out.error().message.find("Authorization"), std::string::npos);
    EXPECT_EQ(out.error().message.find("s3cret"), std::string::npos);
  }
  for (const auto* name : {"", "a b", "a:", "a\r\nb", "a\xc3\xa9", "(a)"}) {
    const headers fields{{"ok", "1"}, {name, "s3cret"}};
    const auto out = encode(head("GET", fields));
    ASSERT_FALSE(out.has_value()) << name;
    EXPECT_EQ(out.error().code, errc::invalid_header);
    EXPECT_NE(out.error().message.find("header 2"), std::string::npos);
  }
}

TEST_F(request_head_test, a_method_that_is_no_token_is_refused) {
  for (const auto* method : {"", "GET ", "GET\r\n", "G T", "CONNECT"}) {
    const auto out = encode(head(method, none_));
    ASSERT_FALSE(out.has_value()) << method;
    EXPECT_EQ(out.error().code, errc::invalid_header);
    EXPECT_NE(out.error().message.find("method"), std::string::npos);
  }
}

TEST_F(request_head_test, a_user_agent_that_breaks_the_message_is_refused) {
  auto wanted = head("GET", none_);
  wanted.user_agent = "a\r\nX: y";
  EXPECT_EQ(encode(wanted).error().code, errc::invalid_header);
}

TEST_F(request_head_test, framing_that_contradicts_the_body_is_refused) {
  const auto refused = [this](const request_head& wanted) {
    const auto out = encode(wanted);
    return !out && out.error().code == errc::invalid_header;
  };
  for (const auto* length : {"4", "x", "", "3x", "-3", "+3", "3, 3", "18446744073709551619"}) {
    const headers fields{{"Content-Length", length}};
    EXPECT_TRUE(refused(with_length(fields, 3))) << length;
  }
  const headers three{{"Content-Length", "3"}};
  EXPECT_TRUE(refused(head("POST", three)));
  EXPECT_TRUE(refused(chunked(three)));
  const headers twice{{"Content-Length", "3"}, {"content-length", "3"}};
  EXPECT_TRUE(refused(with_length(twice, 3)));
  const headers coded{{"Transfer-Encoding", "chunked"}};
  EXPECT_TRUE(refused(with_length(coded, 3)));
  EXPECT_TRUE(refused(head("GET", coded)));
  const headers gzip{{"Transfer-Encoding", "gzip, chunked"}};
  EXPECT_TRUE(refused(chunked(gzip)));
  const headers two_hosts{{"Host", "a"}, {"Host", "a"}};
  EXPECT_TRUE(refused(head("GET", two_hosts)));
}

/// Whatever a caller passes, a head that is made has exactly the lines that were asked for.
TEST_F(request_head_test, random_bytes_never_add_a_line) {
  std::mt19937 random(20261103);
  const std::string alphabet = "abcXYZ-:\r\n \t\0\"";
  const auto random_text = [&] {
    std::string text;
    for (auto left = random() % 6; left > 0; --left) {
      text += random() % 8 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    return text;
  };
  std::size_t made = 0;
  for (int round = 0; round < 100'000; ++round) {
    const headers fields{{"x" + random_text(), random_text()}};
    const std::string method = "G" + random_text();
    const auto out = encode(head(method, fields));
    if (!out) continue;
    ++made;
    std::size_t lines = 0;
    for (std::size_t at = out->find_first_of("\r\n"); at != std::string::npos;
         at = out->find_first_of("\r\n", at + 2)) {
      ASSERT_EQ(out->substr(at, 2), "\r\n");
      ++lines;
    }
    ASSERT_EQ(lines, 7U) << *out;
    ASSERT_EQ(out->find('\0'), std::string::npos);
  }
  EXPECT_GT(made, 1000U);
}

}  // namespace
}  // namespace warmwire::http::request_head_test

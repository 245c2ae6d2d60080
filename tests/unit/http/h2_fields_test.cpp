#include "http/h2_fields.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace warmwire::http::h2_fields_test {
namespace {

using lines = std::vector<std::string>;

/// A request to https://api.example.com/v1?a=b; `fields` and the URL outlive what is encoded.
class h2_fields_test : public testing::Test {
 protected:
  request_head head(std::string_view method, headers fields = {}) {
    fields_ = std::move(fields);
    return {.method = method, .url = url_, .fields = fields_, .user_agent = "warmwire/0.1"};
  }

  request_head with_length(headers fields, std::uint64_t length) {
    auto made = head("POST", std::move(fields));
    made.framing = framing::length;
    made.body_length = length;
    return made;
  }

  request_head unknown_length(headers fields = {}) {
    auto made = head("POST", std::move(fields));
    made.framing = framing::chunked;
    return made;
  }

  /// "name: value" of each field; "!" before those that are never indexed.
  static lines encode(const request_head& head) {
    const auto fields = encode_h2_fields(head);
    if (!fields) return {"error: " + fields.error().message};
    lines shown;
    for (const auto& field : fields->list)
      shown.push_back((field.never_indexed ? "!" : "") + std::string(field.name) + ": " + std::string(field.value));
    return shown;
  }

  static lines own_fields(const request_head& head) {
    auto shown = encode(head);
    shown.erase(shown.begin(), shown.begin() + 4);
    return shown;
  }

  url url_ = *parse_url("https://api.example.com/v1?a=b");
  headers fields_;
};

TEST_F(h2_fields_test, pseudo_header_fields_come_first) {
  EXPECT_EQ(encode(head("GET", {{"Accept", "*/*"}})),
            (lines{":method: GET", ":scheme: https", ":authority: api.example.com", ":path: /v1?a=b", "accept: */*",
                   "user-agent: warmwire/0.1"}));
}

TEST_F(h2_fields_test, scheme_and_port_are_those_of_the_url) {
  url_ = *parse_url("http://localhost:8080");
  EXPECT_EQ(encode(head("GET")), (lines{":method: GET", ":scheme: http", ":authority: localhost:8080", ":path: /",
                                        "user-agent: warmwire/0.1"}));
}

TEST_F(h2_fields_test, names_are_lower_case_and_values_trimmed) {
  EXPECT_EQ(own_fields(with_length({{"Content-Type", " application/json\t"}, {"X-B", ""}, {"x-B", "Two"}}, 170)),
            (lines{"content-type: application/json", "x-b: ", "x-b: Two", "user-agent: warmwire/0.1",
                   "content-length: 170"}));
}

TEST_F(h2_fields_test, what_belongs_to_http_1_is_left_out) {
  EXPECT_EQ(own_fields(unknown_length({{"Connection", "close"},
                                       {"Keep-Alive", "timeout=5"},
                                       {"PROXY-Connection", "keep-alive"},
                                       {"Upgrade", "h2c"},
                                       {"Transfer-Encoding", "chunked"},
                                       {"TE", "gzip, trailers"},
                                       {"te", " Trailers "}})),
            (lines{"te: Trailers", "user-agent: warmwire/0.1"}));
}

TEST_F(h2_fields_test, the_callers_own_fields_win) {
  const auto shown = encode(with_length({{"HOST", "other:1"}, {"User-Agent", "mine"}, {"Content-Length", " 3"}}, 3));
  EXPECT_EQ(shown, (lines{":method: POST", ":scheme: https", ":authority: other:1", ":path: /v1?a=b",
                          "user-agent: mine", "content-length: 3"}));
}

TEST_F(h2_fields_test, secrets_are_never_indexed) {
  const auto shown = own_fields(head("GET", {{"Authorization", "Bearer k"},
                                             {"X-API-Key", "k"},
                                             {"x-goog-api-key", "k"},
                                             {"Api-Key", "k"},
                                             {"Proxy-Authorization", "k"},
                                             {"Cookie", "k"},
                                             {"X-Other", "k"}}));
  EXPECT_EQ(shown, (lines{"!authorization: Bearer k", "!x-api-key: k", "!x-goog-api-key: k", "!api-key: k",
                          "!proxy-authorization: k", "!cookie: k", "x-other: k", "user-agent: warmwire/0.1"}));
}

TEST_F(h2_fields_test, what_repeats_a_secret_or_is_called_one_is_never_indexed) {
  const std::vector<std::string> names{"X-Mine"};
  const headers fields{
      {"Authorization", "Bearer sk-123456"}, {"X-Copy", "sk-123456"}, {"x-mine", "v"}, {"x-free", "v"}};
  auto what = head("GET", fields);
  what.secret_names = names;
  EXPECT_EQ(own_fields(what), (lines{"!authorization: Bearer sk-123456", "!x-copy: sk-123456", "!x-mine: v",
                                     "x-free: v", "user-agent: warmwire/0.1"}));
}

TEST_F(h2_fields_test, methods_that_promise_a_body_say_when_there_is_none) {
  EXPECT_EQ(own_fields(head("POST")).back(), "content-length: 0");
  EXPECT_EQ(own_fields(head("DELETE")).back(), "user-agent: warmwire/0.1");
  EXPECT_EQ(own_fields(unknown_length()).back(), "user-agent: warmwire/0.1");
}

TEST_F(h2_fields_test, a_length_that_contradicts_the_body_is_refused) {
  for (const auto* value : {"4", "x", "", "-3", "3, 3"}) {
    EXPECT_EQ(encode(with_length({{"Content-Length", value}}, 3)),
              (lines{"error: the header Content-Length contradicts the request's body"}))
        << value;
  }
  EXPECT_EQ(encode(unknown_length({{"Content-Length", "3"}})),
            (lines{"error: the header Content-Length contradicts the request's body"}));
  EXPECT_EQ(encode(with_length({{"Transfer-Encoding", "chunked"}}, 3)),
            (lines{"error: the header Transfer-Encoding contradicts the request's body"}));
}

TEST_F(h2_fields_test, what_http_1_refuses_is_refused_here) {
  EXPECT_EQ(encode(head("G T")), (lines{"error: the method is not a token"}));
  EXPECT_EQ(encode(head("GET", {{":path", "/"}})), (lines{"error: the name of header 1 is not a token"}));
  EXPECT_EQ(encode(head("GET", {{"Host", "a"}, {"host", "b"}})), (lines{"error: the header host is given twice"}));
  EXPECT_EQ(encode(head("GET", {{"Authorization", "s3cret\r\n"}})),
            (lines{"error: the value of the header Authorization holds a control character"}));
}

TEST_F(h2_fields_test, an_empty_host_cannot_be_sent) {
  const auto fields = encode_h2_fields(head("GET", {{"Host", " "}}));
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().code, errc::invalid_header);
  EXPECT_EQ(fields.error().message, "the header Host is empty, which HTTP/2 cannot send");
}

TEST_F(h2_fields_test, the_list_is_counted_as_the_peer_counts_it) {
  const auto fields = encode_h2_fields(head("GET", {{"A", "bc"}}));
  ASSERT_TRUE(fields);
  // RFC 9113 §6.5.2: 32 more than name and value of each.
  EXPECT_EQ(list_bytes(*fields), (7 + 3) + (7 + 5) + (10 + 15) + (5 + 7) + (1 + 2) + (10 + 12) + 6 * 32U);
}

}  // namespace
}  // namespace warmwire::http::h2_fields_test

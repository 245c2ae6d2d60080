// Peers that break HTTP/2, through the whole stack: a clear error, the connection or the stream gone, nobody else hurt.
#include "h2_wire.hpp"

namespace warmwire::test::h2_hostile_test {
namespace {

struct offence {
  const char* rule;
  const char* words;                   ///< of the error
  errc first = errc::http2_violation;  ///< what the request hears, which may end before the connection does
};

/// Another provider's requests to the same server, beside those to the hostile one.
void add_bystander(wire& test) {
  auto options = http2_only();
  options.tls.emplace().ca_file = test.server.ca_file();
  test.pools.configure("bystander", options).value();
}

request of_bystander(request message) {
  message.provider = "bystander";
  return message;
}

void ends_the_connection(const offence& what) {
  SCOPED_TRACE(what.rule);
  wire test(rules(std::string("path /status: ") + what.rule), one_connection());
  add_bystander(test);
  test.run([&]() -> awaitable<void> {
    auto bystander = (co_await open(test, of_bystander(test.get(unread)))).value();
    auto sibling = (co_await open(test, test.get("/drip/1000000/1h"))).value();
    EXPECT_EQ((co_await sibling.async_read(use_awaitable)).value().size(), 16U);
    const auto got = co_await test.send(test.post("/status/200"));
    EXPECT_TRUE(got.has_error());
    if (got.has_error()) {
      EXPECT_EQ(got.error().code, what.first) << got.error().to_string();
      EXPECT_NE(got.error().message.find(what.words), std::string::npos) << got.error().message;
    }
    co_await test.until([&] { return test.stats().active + test.stats().idle == 0; });
    EXPECT_EQ((co_await sibling.async_read(use_awaitable)).error().code, errc::http2_violation);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping") << "on another connection";
    EXPECT_EQ((co_await read_all(bystander)).value().size(), unread_bytes);
  });
  EXPECT_EQ(test.stats().closed_for(close_reason::protocol_error), 1U) << test.stats().to_string();
  EXPECT_EQ(test.stats().opened, 2U);
  EXPECT_EQ(test.stats().replayed, 0U);
  EXPECT_EQ(test.pools.stats("bystander").closed_for(close_reason::protocol_error), 0U);
  EXPECT_EQ(test.pools.stats("bystander").opened, 1U);
}

TEST(h2_hostile, floods_end_the_connection) {
  for (const offence& each : {
           offence{"flood settings 1000", "SETTINGS"},
           offence{"flood ping 1000", "PING"},
           offence{"flood continuation 1000", "CONTINUATION"},
           offence{"flood empty-data 1000", "empty DATA"},
           offence{"flood rst 3000", "reset the stream", errc::stream_reset},
           offence{"flood headers 1000", "header section", errc::header_section_too_large},
       })
    ends_the_connection(each);
}

TEST(h2_hostile, frames_that_must_not_be_end_the_connection) {
  for (const offence& each : {
           offence{"overflow-window", "window"},
           offence{"overflow-window stream", "window"},
           offence{"push", "PUSH_PROMISE"},
           offence{"bad-frame oversized", "frame"},
           offence{"bad-frame stream-zero", "server"},
           offence{"bad-frame hpack", "server"},
           offence{R"(raw "\x00\x00\x00\x00\x00\x00\x00\x00\x00 and more of that")", "server"},
       })
    ends_the_connection(each);
}

TEST(h2_hostile, a_malformed_response_costs_its_stream_alone) {
  struct malformed {
    const char* rule;
    errc expected;
  };
  const std::vector<malformed> all{
      {"bad-frame uppercase-header", errc::malformed_response},
      {"bad-frame no-status", errc::malformed_response},
      {"bad-frame two-statuses", errc::malformed_response},
      {"bad-frame short-length", errc::conflicting_length},
      {"bad-frame long-length", errc::conflicting_length},
      {R"(header "connection: keep-alive")", errc::malformed_response},
      {R"(header "transfer-encoding: chunked")", errc::malformed_response},
      {"interim 103 times 100", errc::malformed_response},
      {"flood headers 100", errc::header_section_too_large},
  };
  for (const auto& each : all) {
    SCOPED_TRACE(each.rule);
    wire test(rules(std::string("path /bytes/5: ") + each.rule), one_connection());
    test.run([&]() -> awaitable<void> {
      auto sibling = (co_await open(test, test.get(unread))).value();
      const auto got = co_await test.send(test.get("/bytes/5"));
      EXPECT_TRUE(got.has_error());
      if (got.has_error()) {
        EXPECT_EQ(got.error().code, each.expected) << got.error().to_string();
      }
      EXPECT_EQ((co_await read_all(sibling)).value().size(), unread_bytes);
      EXPECT_TRUE((co_await test.send(test.post("/echo"))).value().provenance.reused);
    });
    EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
    EXPECT_EQ(test.stats().replayed, 0U);
  }
}

TEST(h2_hostile, what_has_to_be_ignored_is) {
  wire test(rules("request 1: bad-frame unknown-type\nrequest 2: flood ping 100"), one_connection());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping");
    EXPECT_EQ((co_await test.send(test.post("/echo"))).value().body, "ping") << "and each PING is answered";
  });
  EXPECT_EQ(test.stats().opened, 1U) << test.stats().to_string();
}

TEST(h2_hostile, what_the_peer_did_wrong_is_told_to_it) {
  wire test(rules("request 1: push\nrequest 2: flood ping 1000"), http2_only());
  test.run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::http2_violation);
    EXPECT_EQ((co_await test.send(test.post("/echo"))).error().code, errc::http2_violation);
    EXPECT_TRUE(test.server.wait_for(
        [](const auto& seen) { return !seen.history.at(0).goaway.empty() && !seen.history.at(1).goaway.empty(); }));
  });
  EXPECT_EQ(test.server.report().history.at(0).goaway, "protocol-error");
  EXPECT_EQ(test.server.report().history.at(1).goaway, "enhance-your-calm");
}

}  // namespace
}  // namespace warmwire::test::h2_hostile_test

// A session with a request on it, as tests use them.
#pragma once

#include "connection/h2_session.hpp"
#include "connection/outgoing.hpp"
#include "http/url.hpp"
#include "tests/unit/connection/h2_frames.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::connection::h2_test {

/// One request and its stream.
struct test_exchange {
  explicit test_exchange(std::string text = {}) : body(std::move(text)), bytes("", body) {}

  std::string body;
  outgoing bytes;
  h2_stream stream;
};

/// A session that was told what a test says, and what it wrote.
class session_fixture : public testing::Test {
 protected:
  explicit session_fixture(const h2_settings& settings = {}) : session(settings) {}

  /// The peer's first SETTINGS, and what the session says to it thrown away.
  void greet(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {}) {
    ASSERT_TRUE(feed(settings_of(entries)));
    (void)written();
  }

  result<void> feed(std::string_view bytes) { return session.feed({bytes.data(), bytes.size()}, now); }

  http::request_head head(std::string_view method, std::uint64_t body_length = 0) const {
    return {.method = method,
            .url = url,
            .fields = fields,
            .framing = body_length > 0 ? http::framing::length : http::framing::none,
            .body_length = body_length,
            .user_agent = "test"};
  }

  std::unique_ptr<test_exchange> start(std::string_view method = "GET", std::string body = {}) {
    auto made = std::make_unique<test_exchange>(std::move(body));
    session.open(made->stream, head(method, made->body.size()), made->bytes);
    return made;
  }
  /// The same, written out.
  std::unique_ptr<test_exchange> send(std::string_view method = "GET", std::string body = {}) {
    auto made = start(method, std::move(body));
    (void)written();
    return made;
  }

  /// All that is to be written now.
  std::string written_bytes() {
    std::string all;
    for (auto bytes = session.output(); !bytes.empty(); bytes = session.output()) {
      all.append(bytes.data(), bytes.size());
      session.consume(bytes.size());
    }
    return all;
  }
  std::vector<frame> written() { return read_frames(written_bytes()); }

  const http::url url = *http::parse_url("https://api.example.com/v1");
  headers fields{{"X-Api-Key", "k"}};
  pool::time_point now{std::chrono::hours(1)};
  h2_session session;
};

}  // namespace warmwire::connection::h2_test

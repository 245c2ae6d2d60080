// Sessions that give up on a peer: with a reason that says why, a GOAWAY, and a failure of what was open.
#pragma once

#include "tests/unit/connection/h2_exchange_of_test.hpp"

#include <string_view>

namespace warmwire::connection::h2_test {

inline constexpr std::uint32_t protocol_error = 1;
inline constexpr std::uint32_t flow_control_error = 3;
inline constexpr std::uint32_t stream_closed = 5;
inline constexpr std::uint32_t frame_size_error = 6;
inline constexpr std::uint32_t compression_error = 9;
inline constexpr std::uint32_t enhance_your_calm = 11;
inline constexpr std::uint32_t http_1_1_required = 13;

/// A session that is to give up on its peer.
class hostile_fixture : public session_fixture {
 protected:
  /// The session gives up over `bytes`, on which a stream is open: says why, and tells the peer.
  void expect_violation(std::string_view bytes, std::uint32_t code, std::string_view message) {
    const auto get = session.is_draining() ? nullptr : send();
    expect_end_of(*get, feed(bytes), code, message);
  }

  void expect_end_of(const test_exchange& open, const result<void>& fed, std::uint32_t code, std::string_view message) {
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::http2_violation);
    EXPECT_EQ(fed.error().message, message);
    const auto& failure = open.stream.failure();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, errc::http2_violation);
    EXPECT_EQ(failure->message, message);
    EXPECT_FALSE(open.stream.is_unprocessed());
    EXPECT_TRUE(session.is_dead());
    EXPECT_TRUE(session.is_draining());
    EXPECT_EQ(session.open_streams(), 0U);
    const auto told = only(written(), goaway_frame);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].number(4), code);
    const auto again = feed(settings_of());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, message);
    EXPECT_TRUE(written().empty());
    const auto late = start();
    EXPECT_TRUE(late->stream.is_unprocessed());
  }

  /// Feeds `bytes` over and over until the session gives up; how often that went well.
  int feed_until_refused(std::string_view bytes, result<void>& last, int most = 100'000) {
    for (int count = 0; count < most; ++count) {
      last = feed(bytes);
      if (!last) return count;
      if (drains) (void)written();
    }
    return most;
  }

  bool drains = true;  // the peer reads what it is sent
};

}  // namespace warmwire::connection::h2_test

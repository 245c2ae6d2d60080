// One stream read to its end, whatever that is, and what it left behind.
#pragma once

#include "streaming.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::test {

struct seen_stream {
  std::string text;    ///< of the deltas that were given out
  std::string events;  ///< all events but pings, see `describer`
  int pings = 0;
  std::vector<usage> usages;     ///< as they were told
  chat_reply reply;              ///< of a success
  std::optional<error> failure;  ///< how it ended otherwise

  void note(const stream_event& event) {
    if (const auto* delta = std::get_if<text_delta>(&event)) text += delta->text;
    if (const auto* count = std::get_if<usage_reported>(&event)) usages.push_back(count->usage);
    if (std::holds_alternative<ping>(event)) {
      ++pings;
    } else {
      events += described(event);
    }
  }
};

/// What holds of every failure: the partial reply is what was given out, and nothing was tried before. Gives the error,
/// with a partial reply in any case.
inline error check_failure(const seen_stream& seen, errc code) {
  auto reason = seen.failure.value_or(error{});
  EXPECT_TRUE(seen.failure) << seen.events;
  EXPECT_EQ(reason.code, code) << reason.to_string();
  EXPECT_EQ(reason.http_status, 200);
  EXPECT_TRUE(reason.failed_attempts.empty());
  EXPECT_TRUE(reason.partial);
  if (!reason.partial) reason.partial = std::make_shared<const chat_reply>();
  EXPECT_EQ(reason.partial->content, seen.text);
  return reason;
}

/// Asks, reads to the end, and waits until the pool has its connection back.
inline asio::awaitable<seen_stream> read_stream(async_client& chats, transport& over, std::string provider,
                                                chat_request request) {
  seen_stream out;
  auto opened = co_await chats.async_stream(std::move(request), asio::use_awaitable);
  if (!opened) {
    out.failure = std::move(opened).error();
  } else {
    auto stream = std::move(*opened);
    while (!out.failure) {
      auto event = co_await stream.next();
      if (!event) {
        out.failure = std::move(event).error();
      } else if (*event) {
        out.note(**event);
      } else {
        break;
      }
    }
    out.reply = stream.reply();
  }
  co_await until([&] { return over.stats(provider).active == 0; });
  EXPECT_EQ(over.stats(provider).streams, 0U);
  EXPECT_EQ(over.stats(provider).pending, 0U);
  co_return out;
}

/// The same through the blocking client, whose transport goes on by itself.
inline seen_stream read_stream(client& chats, chat_request request) {
  seen_stream out;
  auto stream = chats.stream(std::move(request));
  for (const auto& event : stream)
    out.note(event);
  auto reply = stream.reply();
  if (reply) {
    out.reply = std::move(*reply);
  } else {
    out.failure = std::move(reply).error();
  }
  return out;
}

inline emulator::script scripted(std::string_view rules) {
  return emulator::parse_script(rules).value();
}

}  // namespace warmwire::test

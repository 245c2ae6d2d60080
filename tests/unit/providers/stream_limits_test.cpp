// What a hostile server may make a stream remember has limits, in each of the four APIs.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmwire::providers::stream_limits_test {
namespace {

using testing::config_of;
using testing::run_stream;

// `count` objects with numbers, in a list.
template <class Item>
std::string list_of(int count, Item item) {
  std::string out = "[";
  for (int i = 0; i < count; ++i)
    out.append(i == 0 ? "" : ",").append(item(std::to_string(i)));
  return out + "]";
}

template <class Item>
std::string events_of(int count, Item item) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out.append("data: ").append(item(std::to_string(i))).append("\n\n");
  return out;
}

errc failure_of(const provider_config& config, const std::string& text, answer_choices asked = answer_choices::one) {
  const auto out = run_stream(config, text, std::string::npos, testing::ending::clean, "text/event-stream", asked);
  EXPECT_TRUE(out.failure);
  return out.failure ? out.failure->code : errc::invalid_option;
}

TEST(stream_limits, hold_for_choices) {
  const auto choice = [](const std::string& index) { return "{\"index\":" + index + "}"; };
  const auto chunk = [&](const std::string& choices) { return "{\"choices\":" + choices + "}"; };
  const auto one_each = [&](const std::string& index) { return chunk("[" + choice(index) + "]"); };
  constexpr auto several = answer_choices::several;
  EXPECT_EQ(failure_of(config_of("openai"), "data: " + chunk(list_of(129, choice)) + "\n\n", several),
            errc::unexpected_body);
  EXPECT_EQ(failure_of(config_of("openai"), events_of(129, one_each), several), errc::unexpected_body);
  EXPECT_EQ(failure_of(config_of("openai"), events_of(128, one_each), several), errc::stream_interrupted);
  // Where one was asked for their numbers are not remembered.
  EXPECT_EQ(failure_of(config_of("openai"), events_of(1000, one_each)), errc::stream_interrupted);
}

TEST(stream_limits, stop_taking_choices_within_an_event) {
  // What follows the choice that is too many is not looked at any more.
  auto choices =
      list_of(128, [](const std::string& index) { return "{\"index\":" + std::to_string(1 + std::stoi(index)) + "}"; });
  choices.pop_back();
  choices += R"(,{"index":999},{"index":1,"finish_reason":"error"},{"index":0,"delta":{"content":"late"}}])";
  const auto out = testing::run_in_all_pieces(config_of("openai"), "data: {\"choices\":" + choices + "}\n\n",
                                              answer_choices::several);
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::unexpected_body);
  EXPECT_EQ(out.failure->partial->content, "");
}

TEST(stream_limits, hold_for_tools_of_chat_completions_within_an_event_too) {
  const auto call = [](const std::string& index) {
    return R"({"index":)" + index + R"(,"id":"a","function":{"name":"f"}})";
  };
  const auto chunk = [](const std::string& calls) {
    return R"({"choices":[{"index":0,"delta":{"tool_calls":)" + calls + "}}]}";
  };
  const auto out = run_stream(config_of("openai"), "data: " + chunk(list_of(5000, call)) + "\n\n");
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::response_too_large);
  EXPECT_EQ(out.failure->partial->tool_calls.size(), 1024U);
  // Without an index, each with another id.
  EXPECT_EQ(
      failure_of(config_of("openai"), events_of(1100,
                                                [&](const std::string& id) {
                                                  return chunk(R"([{"id":"i)" + id + R"(","function":{"name":"f"}}])");
                                                })),
      errc::response_too_large);
}

TEST(stream_limits, hold_for_what_is_remembered_of_pieces_of_calls) {
  // Pieces that say where they belong and nothing else may have as many numbers and ids as they like.
  const auto piece = [](const std::string& number) {
    return R"({"index":)" + number + R"(,"id":"i)" + number + R"(","function":{"arguments":" "}})";
  };
  const auto chunk = [](const std::string& calls) { return R"({"choices":[{"delta":{"tool_calls":)" + calls + "}}]}"; };
  EXPECT_EQ(failure_of(config_of("openai"), "data: " + chunk(list_of(100'000, piece)) + "\n\n"),
            errc::response_too_large);
}

TEST(stream_limits, hold_for_blocks_of_messages) {
  const auto block = [](const std::string& index) {
    return R"({"type":"content_block_start","index":)" + index +
           R"(,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}})";
  };
  EXPECT_EQ(failure_of(config_of("anthropic"), events_of(1025, block)), errc::response_too_large);
  EXPECT_EQ(failure_of(config_of("anthropic"), events_of(1024, block)), errc::stream_interrupted);
}

TEST(stream_limits, hold_for_candidates_of_gemini) {
  const auto candidate = [](const std::string& index) { return "{\"index\":" + index + "}"; };
  const auto chunk = [](const std::string& candidates) { return "{\"candidates\":" + candidates + "}"; };
  constexpr auto several = answer_choices::several;
  EXPECT_EQ(failure_of(config_of("google"), "data: " + chunk(list_of(129, candidate)) + "\n\n", several),
            errc::unexpected_body);
  EXPECT_EQ(failure_of(config_of("google"),
                       events_of(129, [&](const std::string& index) { return chunk("[" + candidate(index) + "]"); }),
                       several),
            errc::unexpected_body);
  const auto call = [](const std::string&) { return std::string(R"({"functionCall":{"name":"f"}})"); };
  EXPECT_EQ(failure_of(config_of("google"),
                       "data: " + chunk(R"([{"content":{"parts":)" + list_of(1025, call) + "}}]") + "\n\n"),
            errc::response_too_large);
}

TEST(stream_limits, hold_for_items_of_responses) {
  const auto config = config_of("openai", openai_api::responses);
  const auto delta = [](const std::string& index) {
    return R"({"type":"response.output_text.delta","output_index":)" + index + R"(,"delta":"a"})";
  };
  EXPECT_EQ(failure_of(config, events_of(4097, delta)), errc::unexpected_body);
  EXPECT_EQ(failure_of(config, events_of(4096, delta)), errc::stream_interrupted);
  const auto call = [](const std::string& index) {
    return R"({"type":"response.output_item.added","output_index":)" + index +
           R"(,"item":{"type":"function_call","call_id":"a","name":"f"}})";
  };
  EXPECT_EQ(failure_of(config, events_of(1025, call)), errc::response_too_large);
}

TEST(stream_limits, hold_for_items_that_come_whole) {
  const auto config = config_of("openai", openai_api::responses);
  const auto message = [](const std::string&) { return std::string(R"({"type":"message","content":[]})"); };
  const auto call = [](const std::string& id) { return R"({"type":"function_call","call_id":"c)" + id + R"("})"; };
  const auto answer = [](const std::string& items) { return R"({"status":"completed","output":)" + items + "}"; };
  const auto last = [&](const std::string& items) {
    return R"(data: {"type":"response.completed","response":)" + answer(items) + "}\n\n";
  };
  EXPECT_EQ(failure_of(config, last(list_of(4097, message))), errc::unexpected_body);
  EXPECT_EQ(failure_of(config, last(list_of(1025, call))), errc::response_too_large);
  EXPECT_EQ(decode_chat(config, testing::success(answer(list_of(4097, message)))).error().code, errc::unexpected_body);
  EXPECT_EQ(decode_chat(config, testing::success(answer(list_of(1025, call)))).error().code, errc::response_too_large);
}

}  // namespace
}  // namespace warmwire::providers::stream_limits_test

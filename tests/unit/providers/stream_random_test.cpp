// Streams with random damage: whatever comes, it ends in a reply or an error, and the same however it is cut.
// WARMWIRE_SEED=… repeats a run.
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace warmwire::providers::stream_random_test {
namespace {

using testing::config_of;
using testing::run_stream;

struct sample {
  provider_config config;
  std::string text;
};

std::vector<sample> samples() {
  return {
      {config_of("openai"),
       "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n"
       "data: "
       "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
       "\"arguments\":\"{}\"}}]}}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3}}\n\n"
       "data: [DONE]\n\n"},
      {config_of("openai", openai_api::responses),
       "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":"
       "{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"f\"}}\n\n"
       "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":0,\"delta\":\"{}\"}\n\n"
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}\n\n"
       "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"1\",\"status\":\"completed\",\"usage\":{}}}\n\n"},
      {config_of("anthropic"),
       "event: message_start\ndata: "
       "{\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"usage\":{\"input_tokens\":3}}}\n\n"
       "data: "
       "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"a\",\"name\":"
       "\"f\",\"input\":{}}}\n\n"
       "data: "
       "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}"
       "}\n\n"
       "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
       "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n"
       "data: {\"type\":\"message_stop\"}\n\n"},
      {config_of("google"),
       "data: "
       "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hel\"},{\"functionCall\":{\"name\":\"f\",\"args\":{}}}]}}"
       "]}"
       "\r\n\r\ndata: "
       "{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n"},
  };
}

std::string damaged(std::string text, std::mt19937& random) {
  constexpr std::string_view pieces = "{}[]\",:\n\r 0e-n\\\xff";
  for (auto count = random() % 4; count > 0 && !text.empty(); --count) {
    const auto at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text[at] = pieces[random() % pieces.size()];
        break;
      case 1:
        text.insert(at, 1, pieces[random() % pieces.size()]);
        break;
      case 2:
        text.erase(at, random() % 20);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 200));
    }
  }
  return text;
}

TEST(damaged_streams, end_in_a_reply_or_an_error_and_the_same_however_they_are_cut) {
  const char* given = std::getenv("WARMWIRE_SEED");
  const auto seed = given == nullptr ? std::random_device()() : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
  SCOPED_TRACE("WARMWIRE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  int finished = 0;
  int failed = 0;
  for (const auto& [config, text] : samples()) {
    ASSERT_TRUE(run_stream(config, text).is_finished);
    for (int round = 0; round < 300; ++round) {
      const auto broken = damaged(text, random);
      const auto whole = run_stream(config, broken);
      const auto pieces = run_stream(config, broken, 1 + random() % 30);
      ASSERT_EQ(pieces.events, whole.events) << broken;
      ASSERT_EQ(whole.failure.has_value(), !whole.is_finished) << broken;
      ASSERT_EQ(pieces.is_finished, whole.is_finished) << broken;
      if (whole.failure) {
        ASSERT_EQ(pieces.failure->code, whole.failure->code) << broken;
        ASSERT_TRUE(whole.failure->partial) << broken;
      }
      ++(whole.is_finished ? finished : failed);
    }
  }
  EXPECT_GT(finished, 50);
  EXPECT_GT(failed, 50);
}

}  // namespace
}  // namespace warmwire::providers::stream_random_test

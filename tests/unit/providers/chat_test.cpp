#include <warmwire/chat.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/models.hpp>
#include <warmwire/stream_event.hpp>

#include <gtest/gtest.h>

#include <variant>

namespace warmwire::chat_test {
namespace {

TEST(message, is_written_as_a_role_and_a_text_and_perhaps_parts) {
  const message plain{role::user, "hello"};
  EXPECT_EQ(plain.content, "hello");
  const message with_image{role::user, "what is this?", {image_part{.url = "https://a.test/b.png"}}};
  EXPECT_EQ(std::get<image_part>(with_image.parts.at(0)).url, "https://a.test/b.png");
}

TEST(message, answers_a_tool_call_by_its_id_and_name) {
  const auto answer = tool_answer({.id = "call_1", .name = "weather", .arguments = "{}"}, "22 °C");
  EXPECT_EQ(answer.role, role::tool);
  ASSERT_EQ(answer.parts.size(), 1U);
  const auto& result = std::get<tool_result>(answer.parts.front());
  EXPECT_EQ(result.call_id, "call_1");
  EXPECT_EQ(result.name, "weather");
  EXPECT_EQ(result.content, "22 °C");
  EXPECT_FALSE(result.is_error);
}

TEST(chat, values_have_names) {
  EXPECT_EQ(to_string(role::tool), "tool");
  EXPECT_EQ(to_string(reasoning_effort::none), "none");
  EXPECT_EQ(to_string(reasoning_effort::xhigh), "xhigh");
  EXPECT_EQ(to_string(finish_reason::tool_calls), "tool_calls");
}

}  // namespace
}  // namespace warmwire::chat_test

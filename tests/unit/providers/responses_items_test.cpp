// Streams of Responses that lack deltas: what is said at the end of a part, of an item or of the answer stands in, and
// nothing is told twice.
#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace warmwire::providers::responses_items_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using testing::run_in_all_pieces;
using testing::run_stream;
using testing::stream_outcome;

std::string event(const std::string& type, const std::string& fields) {
  return "event: response." + type + "\ndata: {\"type\":\"response." + type + "\"," + fields + "}\n\n";
}

std::string text_delta_of(const std::string& text, int item = 0, int part = 0) {
  return event("output_text.delta", R"("output_index":)" + std::to_string(item) + R"(,"content_index":)" +
                                        std::to_string(part) + R"(,"delta":")" + text + '"');
}

std::string text_done(const std::string& text, int item = 0, int part = 0) {
  return event("output_text.done", R"("output_index":)" + std::to_string(item) + R"(,"content_index":)" +
                                       std::to_string(part) + R"(,"text":")" + text + '"');
}

std::string item_event(const std::string& type, int index, const std::string& item) {
  return event("output_item." + type, R"("output_index":)" + std::to_string(index) + R"(,"item":)" + item);
}

std::string message_of(const std::string& text) {
  return R"({"type":"message","id":"msg_1","content":[{"type":"output_text","text":")" + text + R"("}]})";
}

std::string call_of(const std::string& id, const std::string& arguments) {
  return R"({"type":"function_call","call_id":")" + id + R"(","name":"f","arguments":")" + arguments + R"("})";
}

std::string arguments_event(const std::string& type, const std::string& field, const std::string& text) {
  return event("function_call_arguments." + type, R"("output_index":0,")" + field + R"(":")" + text + '"');
}

std::string completed(const std::string& output) {
  return event("completed", R"("response":{"status":"completed","output":[)" + output + "]}");
}

stream_outcome run(const std::string& text) {
  auto out = run_in_all_pieces(config_of("openai", openai_api::responses), text);
  EXPECT_FALSE(out.failure) << out.failure->to_string();
  return out;
}

const std::string end = "finished stop completed";
const std::string end_with_calls = "finished tool_calls completed";

TEST(responses_items, take_the_rest_of_a_text_from_where_it_is_whole_first) {
  const auto begun = text_delta_of("Hel");
  for (const auto& whole :
       {text_done("Hello"), item_event("done", 0, message_of("Hello")), completed(message_of("Hello"))}) {
    EXPECT_THAT(run(begun + whole + completed("")).events, ElementsAre("text Hel", "text lo", end)) << whole;
    EXPECT_THAT(run(whole + completed("")).events, ElementsAre("text Hello", end)) << whole;
  }
  EXPECT_THAT(
      run(begun + text_done("Hello") + item_event("done", 0, message_of("Hello")) + completed(message_of("Hello")))
          .events,
      ElementsAre("text Hel", "text lo", end));
  EXPECT_EQ(run(begun + completed(message_of("Hello"))).reply.message.content, "Hello");
}

TEST(responses_items, tell_nothing_twice_where_all_came) {
  const auto out =
      run(item_event("added", 0, R"({"type":"message","content":[]})") + text_delta_of("Hel") + text_delta_of("lo") +
          text_done("Hello") + item_event("done", 0, message_of("Hello")) + completed(message_of("Hello")));
  EXPECT_THAT(out.events, ElementsAre("text Hel", "text lo", end));
  EXPECT_EQ(out.reply.content, "Hello");
}

TEST(responses_items, tell_nothing_twice_where_a_server_counts_badly) {
  // No index at all, and the last event counts otherwise and under other ids.
  const auto unnumbered = [](const std::string& text) {
    return event("output_text.delta", R"("delta":")" + text + '"');
  };
  const auto done = [](const std::string& text) { return event("output_text.done", R"("text":")" + text + '"'); };
  const auto out = run(unnumbered("A") + done("A") + unnumbered("B") + done("B") +
                       completed(message_of("A") + R"(,{"type":"web_search_call"},)" + message_of("B")));
  EXPECT_EQ(out.reply.content, "AB");
  const auto shifted = run(item_event("added", 1, R"({"type":"message","id":"msg_9"})") + text_delta_of("Hello", 1) +
                           item_event("done", 1, message_of("Hello")) + completed(message_of("Hello")));
  EXPECT_EQ(shifted.reply.content, "Hello");
}

TEST(responses_items, believe_the_deltas_where_the_end_says_something_else) {
  const auto out = run(text_delta_of("Hello ") + text_done("Hello") + item_event("done", 0, message_of("Hallo, you")) +
                       completed(message_of("Other text")));
  EXPECT_EQ(out.reply.content, "Hello ");
}

TEST(responses_items, tell_the_parts_of_a_message_apart) {
  const std::string message =
      R"({"type":"message","content":[{"type":"output_text","text":"One."},{"type":"refusal","refusal":"no"},
          {"type":"output_text","text":" Two."}]})";
  std::string item = message;
  item.erase(item.find('\n'), 1);
  for (const auto& begun :
       {std::string(), text_delta_of("One.", 0, 0), text_delta_of("One.", 0, 0) + text_delta_of(" T", 0, 2)}) {
    for (const auto& whole : {item_event("done", 0, item), completed(item)}) {
      const auto out = run(begun + whole + completed(item));
      EXPECT_EQ(out.reply.content, "One. Two.") << begun << whole;
      EXPECT_EQ(out.reply.refusal, "no") << begun << whole;
    }
  }
  const auto parts = run(text_delta_of("One.", 0, 0) + text_done("One.", 0, 0) + text_done(" Two.", 0, 2) +
                         text_done("One.", 0, 0) + completed(item));
  EXPECT_EQ(parts.reply.content, "One. Two.");
}

TEST(responses_items, take_whole_items_that_were_never_announced) {
  const auto out = run(text_delta_of("One", 0) + item_event("done", 0, message_of("One")) +
                       completed(message_of("One") + ',' + call_of("call_1", "{}") + ',' + message_of("Two")));
  EXPECT_EQ(out.reply.content, "OneTwo");
  ASSERT_EQ(out.reply.tool_calls.size(), 1U);
  EXPECT_EQ(out.reply.tool_calls[0].id, "call_1");
  EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
}

TEST(responses_items, take_thoughts_with_what_is_hidden) {
  const std::string thought =
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"enc"})";
  const auto begun = event("reasoning_summary_text.delta", R"("output_index":0,"summary_index":0,"delta":"H")");
  for (const auto& text : {begun + item_event("done", 0, thought) + completed(thought), completed(thought),
                           begun + event("reasoning_summary_text.done", R"("output_index":0,"text":"Hm.")") +
                               item_event("done", 0, thought) + completed("")}) {
    const auto out = run(text);
    EXPECT_EQ(out.reply.reasoning, "Hm.");
    ASSERT_EQ(out.reply.message.parts.size(), 1U);
    EXPECT_EQ(std::get<reasoning_part>(out.reply.message.parts[0]).encrypted, "enc");
  }
  EXPECT_EQ(run(event("reasoning_text.done", R"("output_index":0,"text":"Hm.")") + completed("")).reply.reasoning,
            "Hm.");
  EXPECT_EQ(run(event("refusal.done", R"("output_index":0,"refusal":"no")") + completed("")).reply.refusal, "no");
}

TEST(responses_items, take_the_rest_of_a_calls_arguments) {
  const auto added = item_event("added", 0, call_of("call_1", ""));
  const auto begun = arguments_event("delta", "delta", R"({\"a\")");
  const std::string whole = R"({\"a\":1})";
  for (const auto& last : {arguments_event("done", "arguments", whole), item_event("done", 0, call_of("call_1", whole)),
                           completed(call_of("call_1", whole))}) {
    EXPECT_THAT(run(added + begun + last + completed(call_of("call_1", whole))).events,
                ElementsAre("call 0 call_1 f", R"(arguments 0 {"a")", "arguments 0 :1}", R"(call ended 0 {"a":1})",
                            end_with_calls))
        << last;
    EXPECT_THAT(run(added + last + completed("")).events,
                ElementsAre("call 0 call_1 f", R"(arguments 0 {"a":1})", R"(call ended 0 {"a":1})", end_with_calls))
        << last;
  }
  EXPECT_THAT(run(item_event("done", 0, call_of("call_1", whole)) + completed(call_of("call_1", whole))).events,
              ElementsAre("call 0 call_1 f", R"(arguments 0 {"a":1})", R"(call ended 0 {"a":1})", end_with_calls));
}

TEST(responses_items, know_a_call_by_its_id_wherever_it_stands) {
  const auto out = run(item_event("added", 4, call_of("a", "{}")) + item_event("added", 4, call_of("b", "{}")) +
                       item_event("done", 4, call_of("a", "{}")) + item_event("done", 9, call_of("b", "{}")) +
                       completed(call_of("b", "{}") + ',' + call_of("a", "{}") + ',' + call_of("c", "{}")));
  ASSERT_EQ(out.reply.tool_calls.size(), 3U);
  EXPECT_EQ(out.reply.tool_calls[2].id, "c");
}

TEST(responses_items, know_calls_without_an_id_by_their_order) {
  const auto out = run(item_event("done", 0, call_of("", "{}")) + item_event("done", 1, call_of("", "{}")) +
                       completed(call_of("", "{}") + ',' + call_of("", "{}") + ',' + call_of("", "{}")));
  EXPECT_EQ(out.reply.tool_calls.size(), 3U);
}

TEST(responses_items, are_not_taken_from_an_answer_that_failed) {
  const auto out = run_stream(config_of("openai", openai_api::responses),
                              text_delta_of("Hel") + event("failed", R"("response":{"status":"failed","output":[)" +
                                                                         message_of("Hello") + "]}"));
  ASSERT_TRUE(out.failure);
  EXPECT_EQ(out.failure->code, errc::server_error);
  EXPECT_EQ(out.failure->partial->content, "Hel");
}

}  // namespace
}  // namespace warmwire::providers::responses_items_test

// Answers that are made to keep a client busy: no turn of the event loop is long, and what they cost is bounded. They
// come compressed, as little as they are, and end in whatever they end in.
#include "streaming.hpp"
#include "tests/compressing.hpp"
#include "tests/turn_watch.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::test::turns_test {
namespace {

std::string times(std::size_t count, std::string_view what) {
  std::string out;
  out.reserve(count * what.size());
  for (std::size_t i = 0; i < count; ++i)
    out.append(what);
  return out;
}

/// What does not shrink, so that all of a body does not shrink too far to be taken.
std::string noise(std::size_t bytes) {
  std::string out;
  for (std::uint32_t state = 1; out.size() < bytes; state = state * 1'664'525 + 1'013'904'223)
    out += "0123456789abcdef"[state >> 28U];
  return out;
}

struct api_row {
  std::string_view name;
  std::string provider;
  openai_api api;
  std::string whole_begins;  ///< up to the text of an answer
  std::string whole_ends;
  std::string list;  ///< up to the first element of the list of which an answer is made, and one element of it
  std::string element;
  std::string list_ends;
};

const std::vector<api_row>& apis() {
  static const std::vector<api_row> all{
      {"chat completions", "lab", openai_api::chat_completions, R"({"choices":[{"message":{"content":")",
       R"("},"finish_reason":"stop"}]})", R"({"choices":[)", R"({"message":{"content":"x"}})", "]}"},
      {"responses", "openai", openai_api::responses,
       R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":")", R"("}]}]})",
       R"({"status":"completed","output":[)", R"({"type":"message","content":[{"type":"output_text","text":"x"}]})",
       "]}"},
      {"anthropic", "anthropic", openai_api::chat_completions, R"({"content":[{"type":"text","text":")",
       R"("}],"stop_reason":"end_turn"})", R"({"stop_reason":"end_turn","content":[)", R"({"type":"text","text":"x"})",
       "]}"},
      {"gemini", "google", openai_api::chat_completions, R"({"candidates":[{"content":{"parts":[{"text":")",
       R"("}]},"finishReason":"STOP"}]})", R"({"candidates":[{"finishReason":"STOP","content":{"parts":[)",
       R"({"text":"x"})", "]}}]}"},
  };
  return all;
}

struct bomb {
  std::string_view name;
  std::string body;
  unsigned status = 200;
  std::string type = "application/json";
};

constexpr std::size_t shrunk = is_sanitized ? 16 : 1;
constexpr std::size_t mebibyte = (std::size_t{1} << 20) / shrunk;

std::string many(std::size_t count, std::string_view what) {
  return times(count / shrunk, what);
}

/// Bodies that are as long, or have as many values, as is read, and some that go beyond.
std::vector<bomb> whole_bombs(const api_row& of) {
  const auto answer = [&](const std::string& text) { return of.whole_begins + text + of.whole_ends; };
  const auto beside = [&](const std::string& value) { return R"({"beside":)" + value + ',' + answer("x").substr(1); };
  return {
      {"a long text", answer(std::string(15 * mebibyte, 'x'))},
      {"a text of escapes", answer(many(2'500'000, "\\u00e4"))},
      {"a byte that is no text", answer(std::string(4 * mebibyte - 100'000, 'x') + '\xff')},
      {"control characters", answer(std::string(4 * mebibyte - 100'000, '\x01'))},
      {"one of them, far behind", answer(std::string(15 * mebibyte, 'x') + '\x01')},
      {"zeros", beside('[' + many(900'000, "0,") + "0]")},
      {"zeros without end", beside('[' + many(60 * mebibyte, "0,") + "0]")},
      {"objects", beside('[' + many(500'000, R"({"a":{}},)") + "0]")},
      {"lists in lists", beside(times(60, "[" + many(10'000, "0,")) + '0' + times(60, "]"))},
      {"members of one object", beside('{' + many(60'000, R"("a":0,)") + R"("a":0})")},
      {"elements of the answer", of.list + many(100'000, of.element + ',') + of.element + of.list_ends},
      {"an error's words", R"({"error":{"message":")" + std::string(15 * mebibyte, 's') + R"("}})"},
      {"a page", "<html>" + many(3 * mebibyte, "<p>ssk</p>") + "</html>"},
      {"an error's page", "<html>" + many(3 * mebibyte, "<p>ssk</p>") + "</html>", 500},
      {"an error's JSON", R"({"error":{"message":")" + many(15 * mebibyte, "\\n") + R"("}})", 400},
      {"blanks", std::string(60 * mebibyte, ' ')},
      {"lines", many(7 * mebibyte, "{\n")},
  };
}

std::vector<bomb> streamed_bombs(const api_row& of) {
  const std::string events = "text/event-stream";
  const auto event = [](const std::string& data) { return "data: " + data + "\n\n"; };
  return {
      {"empty lines", std::string(40 * mebibyte, '\n'), 200, events},
      {"comments", many(10 * mebibyte, ":x\n"), 200, events},
      {"one comment", ':' + std::string(40 * mebibyte, 'x'), 200, events},
      {"empty events", many(2 * mebibyte, "data:{}\n\n"), 200, events},
      {"pings", many(mebibyte, "event: ping\ndata: {\"type\": \"ping\"}\n\n"), 200, events},
      {"a long text", event(of.whole_begins + std::string(15 * mebibyte, 'x') + of.whole_ends), 200, events},
      {"a text of lines", many(2 * mebibyte, "data: {\n") + "\n", 200, events},
      {"a line for each event", many(2 * mebibyte, "data: {}\n") + "\n", 200, events},
      {"lines that are no events", many(2 * mebibyte, "error: x\n") + "\n", 200, events},
      {"halves of a character", event(of.whole_begins + many(600'000, "\\ud83d") + of.whole_ends), 200, events},
      {"zeros", event("{\"a\":[" + many(200'000, "0,") + "0]}"), 200, events},
      {"zeros without end", event("{\"a\":[" + many(5 * mebibyte, "0,") + "0]}"), 200, events},
      {"events of zeros", times(20, event("{\"a\":[" + many(200'000, "0,") + "0]}")), 200, events},
      {"elements of the answer", event(of.list + many(60'000, of.element + ',') + of.element + of.list_ends), 200,
       events},
  };
}

/// Compressed to a little more than what is refused for expanding too far.
std::string compressed(const bomb& what) {
  const auto ballast = noise(what.body.size() / 120);
  if (what.body.starts_with('{')) return deflated("{\"noise\":\"" + ballast + "\"," + what.body.substr(1));
  if (what.body.starts_with('<')) return deflated("<!--" + ballast + "-->" + what.body);
  return deflated(':' + ballast + '\n' + what.body);
}

/// The longest turn of a loop on which the answer is read.
std::chrono::milliseconds longest_turn(const api_row& of, const bomb& what, bool is_streamed) {
  streaming test(http_protocol::http1,
                 always({fault::status{what.status}, fault::header{"Content-Type", what.type},
                         fault::header{"Content-Encoding", "gzip"}, fault::body{compressed(what)}}));
  test.who.provider = of.provider;
  test.who.api = of.api;
  test.who.default_model = "m";
  if (of.provider == "anthropic" || of.provider == "google") test.who.base_url = test.server.origin();
  asio::io_context loop{1};
  transport over(loop.get_executor(), test.of_all);
  async_client chats(over, test.who);
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        if (is_streamed) {
          auto stream = co_await chats.async_stream(ask(), asio::use_awaitable);
          while (stream) {
            const auto event = co_await stream->next(asio::use_awaitable);
            if (!event || !*event) break;
          }
        } else {
          (void)co_await chats.async_chat(ask(), asio::use_awaitable);
        }
        (void)co_await over.async_close_all(0ms, asio::use_awaitable);
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  turn_watch watch(loop);
  watch.run_for(hang);
  EXPECT_TRUE(loop.stopped());
  return watch.longest();
}

class turns_of_answers : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(of, turns_of_answers, ::testing::Range(std::size_t{0}, std::size_t{4}));

TEST_P(turns_of_answers, whole_ones_are_short) {
  const auto& of = apis()[GetParam()];
  for (const auto& what : whole_bombs(of)) {
    EXPECT_LE(longest_turn(of, what, false), longest_worst_turn) << of.name << ": " << what.name;
  }
}

TEST_P(turns_of_answers, whole_ones_to_a_stream_are_short) {
  const auto& of = apis()[GetParam()];
  for (const auto& what : whole_bombs(of)) {
    EXPECT_LE(longest_turn(of, what, true), longest_worst_turn) << of.name << ": " << what.name;
  }
}

TEST_P(turns_of_answers, streamed_ones_are_short) {
  const auto& of = apis()[GetParam()];
  for (const auto& what : streamed_bombs(of)) {
    EXPECT_LE(longest_turn(of, what, true), longest_worst_turn) << of.name << ": " << what.name;
  }
}

/// The longest turn in which `call` is answered with `body`, which honest servers send as it is.
template <class Call>
std::chrono::milliseconds longest_turn_of(std::string body, Call call) {
  const streaming test(
      http_protocol::http1,
      always({fault::status{200}, fault::header{"Content-Type", "application/json"}, fault::body{std::move(body)}}));
  asio::io_context loop{1};
  transport over(loop.get_executor(), test.of_all);
  async_client chats(over, test.who);
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        co_await call(chats);
        (void)co_await over.async_close_all(0ms, asio::use_awaitable);
      },
      [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  turn_watch watch(loop);
  watch.run_for(hang);
  EXPECT_TRUE(loop.stopped());
  return watch.longest();
}

TEST(turns_of_calls, with_vectors_and_models_are_short) {
  const auto embed = [](std::size_t count) {
    return [count](async_client& chats) -> asio::awaitable<void> {
      embed_request what{.model = "text-embedding-3-small"};
      what.input.assign(count, "x");
      const auto reply = co_await chats.async_embed(what, asio::use_awaitable);
      EXPECT_TRUE(reply) << reply.error().to_string();
    };
  };
  const std::size_t dimensions = 3'072;
  const std::size_t texts = is_sanitized ? 50 : 1'000;
  const auto numbers = R"({"embedding":[0)" + times(dimensions - 1, ",-0.0123") + "]}";
  EXPECT_LE(longest_turn_of(R"({"data":[)" + times(texts - 1, numbers + ',') + numbers + "]}", embed(texts)),
            longest_worst_turn);
  const auto base64 = R"({"embedding":")" + std::string(dimensions * 16 / 3, 'A') + R"("})";
  EXPECT_LE(longest_turn_of(R"({"data":[)" + times(2 * texts - 1, base64 + ',') + base64 + "]}", embed(2 * texts)),
            longest_worst_turn);
  EXPECT_LE(longest_turn_of(R"({"data":[)" + many(400'000, R"({"id":"a-model"},)") + "{}]}",
                            [](async_client& chats) -> asio::awaitable<void> {
                              const models_request all;
                              (void)co_await chats.async_models(all, asio::use_awaitable);
                            }),
            longest_worst_turn);
}

TEST(max_json_bytes, bounds_an_answer_and_names_itself) {
  streaming test(http_protocol::http1,
                 always({fault::status{200}, fault::header{"Content-Type", "application/json"},
                         fault::body{R"({"choices":[{"message":{"content":")" + std::string(3'000, 'x') +
                                     R"("},"finish_reason":"stop"}]})"}}));
  test.who.max_json_bytes = 4'000;
  EXPECT_TRUE(test.blocking().chat("hi"));
  EXPECT_TRUE(test.blocking().stream("hi").reply());
  test.who.max_json_bytes = 3'000;
  for (const auto& reply : {test.blocking().chat("hi"), test.blocking().stream("hi").reply()}) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::response_too_large);
    EXPECT_NE(reply.error().message.find("max_json_bytes allows (3000 bytes"), std::string::npos)
        << reply.error().message;
  }
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{1023}, (std::size_t{1} << 30) + 1}) {
    test.who.max_json_bytes = wrong;
    const auto reply = test.blocking().chat("hi");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::invalid_option);
    EXPECT_NE(reply.error().message.find("max_json_bytes is " + std::to_string(wrong)), std::string::npos);
  }
}

TEST(max_json_bytes, bounds_the_values_of_an_answer) {
  streaming test(http_protocol::http1,
                 always({fault::status{200}, fault::header{"Content-Type", "application/json"},
                         fault::body{R"({"a":[)" + times(1'000, "0,") +
                                     R"(0],"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})"}}));
  test.who.max_json_bytes = 20'000;
  EXPECT_TRUE(test.blocking().chat("hi"));
  test.who.max_json_bytes = 16'000;
  const auto reply = test.blocking().chat("hi");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, errc::response_too_large);
}

}  // namespace
}  // namespace warmwire::test::turns_test

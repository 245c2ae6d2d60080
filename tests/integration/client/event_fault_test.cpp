// Our own client against each fault that the emulator commits at the level of events, with each API and over both
// protocols: how the stream ends, what the caller has of it, and what becomes of the connection.
#include "seen_stream.hpp"

#include <array>
#include <tuple>

namespace warmwire::test::event_fault_test {
namespace {

/// One of the four APIs, and how the emulator streams the answer to `question` there. Events count from 1.
struct spoken_api {
  std::string name;
  std::string provider;
  openai_api api;
  std::uint64_t opening;     ///< so many events come before the first word
  std::uint64_t whole;       ///< number of the event with which the answer is complete
  std::uint64_t events;      ///< so many are there
  std::string finish;        ///< the API's word for the end
  std::string limited_type;  ///< its words for 429
  std::string limited_code;
};

void PrintTo(const spoken_api& api, std::ostream* to) {
  *to << api.name;
}

const std::string question = "Hello there";
const std::array<std::string, 6> words{"You", " wrote", " 2", " words:", " Hello", " there"};

std::string first_words(std::uint64_t count) {
  std::string out;
  for (std::uint64_t i = 0; i < count && i < words.size(); ++i)
    out += words.at(i);
  return out;
}

const std::string answer = first_words(words.size());

using way = std::tuple<spoken_api, http_protocol>;

class faulty_streaming : public streaming {
 public:
  faulty_streaming(const way& to, std::string_view rules) : streaming(std::get<1>(to), scripted(rules), {}, 2) {
    const auto& spoken = std::get<0>(to);
    who.provider = spoken.provider;
    who.api = spoken.api;
    if (spoken.provider != "openai") who.base_url = server.origin();
  }
};

class event_faults : public ::testing::TestWithParam<way> {
 protected:
  static const spoken_api& api() { return std::get<0>(GetParam()); }
  static std::string after(std::uint64_t events) { return " after " + std::to_string(events) + " events"; }
  static std::string at(std::uint64_t event) { return " at " + std::to_string(event); }
  /// The place behind the third word.
  static std::uint64_t third() { return api().opening + 3; }

  /// Reads one stream with the faults, and then one without.
  struct both {
    seen_stream faulty;
    seen_stream sound;
    emulator::report seen;  ///< when the first had ended
  };
  static both read_both(const std::string& actions) {
    both out;
    faulty_streaming test(GetParam(), "all: " + actions);
    test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
      out.faulty = co_await read_stream(chats, over, api().provider, ask(question));
      out.seen = test.server.report();
      test.server.set_script({});
      out.sound = co_await read_stream(chats, over, api().provider, ask(question));
    });
    EXPECT_EQ(out.seen.requests, 1U) << "what had begun is not tried again";
    check_sound(out.sound);
    return out;
  }

  static void check_sound(const seen_stream& stream) {
    ASSERT_FALSE(stream.failure) << stream.failure->to_string();
    EXPECT_EQ(stream.text, answer);
    EXPECT_EQ(stream.reply.content, answer);
    EXPECT_EQ(stream.reply.finish, finish_reason::stop);
    EXPECT_EQ(stream.reply.finish_text, api().finish);
    EXPECT_GT(stream.reply.usage.input_tokens, 0);
    EXPECT_GT(stream.reply.usage.output_tokens, 0);
  }

  /// The same answer, told in the same events but for pings.
  static void check_same(const std::string& actions) {
    SCOPED_TRACE(actions);
    const auto [faulty, sound, seen] = read_both(actions);
    check_sound(faulty);
    EXPECT_EQ(faulty.events, sound.events);
    EXPECT_EQ(faulty.reply.usage, sound.reply.usage);
    EXPECT_TRUE(sound.reply.provenance.reused);
  }
};

std::string way_name(const ::testing::TestParamInfo<way>& of) {
  const bool is_http1 = std::get<1>(of.param) == http_protocol::http1;
  return std::get<0>(of.param).name + (is_http1 ? "_over_http1" : "_over_http2");
}

const std::array<spoken_api, 4> apis{
    spoken_api{"chat_completions", "openai", openai_api::chat_completions, 1, 8, 10, "stop", "requests",
               "rate_limit_exceeded"},
    spoken_api{"responses", "openai", openai_api::responses, 4, 14, 14, "completed", "error", "rate_limit_exceeded"},
    spoken_api{"anthropic", "anthropic", {}, 2, 11, 11, "end_turn", "rate_limit_error", ""},
    spoken_api{"gemini", "google", {}, 0, 7, 7, "STOP", "RESOURCE_EXHAUSTED", "429"}};

const auto protocols = ::testing::Values(http_protocol::http1, http_protocol::http2);

INSTANTIATE_TEST_SUITE_P(of, event_faults, ::testing::Combine(::testing::ValuesIn(apis), protocols), way_name);

class event_faults_of_http2 : public event_faults {};
INSTANTIATE_TEST_SUITE_P(of, event_faults_of_http2,
                         ::testing::Combine(::testing::ValuesIn(apis), ::testing::Values(http_protocol::http2)),
                         way_name);

/// Of the APIs that may count more than once. Responses do it in their last event alone.
class event_faults_of_counts : public event_faults {};
INSTANTIATE_TEST_SUITE_P(of, event_faults_of_counts,
                         ::testing::Combine(::testing::Values(apis[0], apis[2], apis[3]), protocols), way_name);

TEST_P(event_faults, cut_after_any_event_is_an_interruption_until_the_answer_is_whole) {
  faulty_streaming test(GetParam(), "");
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    for (std::uint64_t events = 0; events <= api().events; ++events) {
      SCOPED_TRACE(after(events));
      test.server.set_script(scripted("all: cut" + after(events)));
      const auto stream = co_await read_stream(chats, over, api().provider, ask(question));
      EXPECT_EQ(stream.text, first_words(events - std::min(events, api().opening)));
      if (events < api().whole) {
        check_failure(stream, errc::stream_interrupted);
        EXPECT_EQ(stream.events.find("(finished"), std::string::npos);
      } else {
        EXPECT_FALSE(stream.failure);
        EXPECT_EQ(stream.reply.finish_text, api().finish);
      }
    }
  });
  EXPECT_EQ(test.server.report().requests, api().events + 1) << "none is tried again";
  EXPECT_EQ(test.server.report().connections, 1U) << "a body that ends in order leaves its connection usable";
}

TEST_P(event_faults, connection_that_breaks_is_an_interruption_and_never_used_again) {
  for (const std::string how : {"close", "truncate", "reset"}) {
    SCOPED_TRACE(how);
    const auto [faulty, sound, seen] = read_both(how + after(third()));
    // A reset overtakes what was not sent yet.
    if (how == "reset") {
      EXPECT_TRUE(answer.starts_with(faulty.text)) << faulty.text;
    } else {
      EXPECT_EQ(faulty.text, first_words(3));
    }
    check_failure(faulty, errc::stream_interrupted);
    EXPECT_FALSE(sound.reply.provenance.reused);
  }
}

TEST_P(event_faults, connection_that_breaks_in_the_middle_of_an_event_leaves_the_events_before_it) {
  const auto [faulty, sound, seen] = read_both("event-bytes 10, truncate after 300 bytes");
  const auto failure = check_failure(faulty, errc::stream_interrupted);
  EXPECT_TRUE(answer.starts_with(faulty.text)) << faulty.text;
  EXPECT_EQ(failure.body_bytes, 300U);
  EXPECT_FALSE(sound.reply.provenance.reused);
}

TEST_P(event_faults, connection_that_breaks_behind_the_whole_answer_is_no_fault_of_it) {
  const auto [faulty, sound, seen] = read_both("truncate" + after(api().whole));
  EXPECT_FALSE(faulty.failure) << faulty.failure->to_string();
  EXPECT_EQ(faulty.reply.content, answer);
  EXPECT_FALSE(sound.reply.provenance.reused);
}

TEST_P(event_faults_of_http2, rst_stream_is_an_interruption_that_leaves_the_connection) {
  const auto [faulty, sound, seen] = read_both("rst internal-error" + after(third()));
  EXPECT_EQ(faulty.text, first_words(3));
  check_failure(faulty, errc::stream_interrupted);
  EXPECT_TRUE(sound.reply.provenance.reused);
}

TEST_P(event_faults, no_terminal_marker_is_an_interruption_though_all_was_said) {
  const auto [faulty, sound, seen] = read_both("no-terminal");
  EXPECT_EQ(faulty.text, answer);
  const auto failure = check_failure(faulty, errc::stream_interrupted);
  EXPECT_EQ(failure.partial->finish_text, "");
  EXPECT_TRUE(sound.reply.provenance.reused);
}

TEST_P(event_faults, no_last_word_matters_where_it_alone_completes_the_answer) {
  const auto [faulty, sound, seen] = read_both("no-marker");
  EXPECT_EQ(faulty.text, answer);
  if (api().provider != "anthropic") return check_sound(faulty);
  const auto failure = check_failure(faulty, errc::stream_interrupted);
  EXPECT_EQ(failure.partial->finish_text, "end_turn");
  EXPECT_EQ(failure.partial->usage, sound.reply.usage);
}

TEST_P(event_faults, malformed_event_is_told_with_what_had_come) {
  for (const std::string kind : {"json", "shape"}) {
    SCOPED_TRACE(kind);
    const auto [faulty, sound, seen] = read_both("malformed-event " + kind + at(third() + 1));
    EXPECT_EQ(faulty.text, first_words(3));
    check_failure(faulty, errc::unexpected_body);
  }
}

TEST_P(event_faults, malformed_event_that_is_the_first_is_not_asked_for_again) {
  const auto [faulty, sound, seen] = read_both("malformed-event json at 1");
  EXPECT_EQ(faulty.text, "");
  check_failure(faulty, errc::unexpected_body);
}

TEST_P(event_faults, event_without_end_is_given_up) {
  const auto [faulty, sound, seen] = read_both("malformed-event huge" + at(third() + 1));
  EXPECT_EQ(faulty.text, first_words(3));
  check_failure(faulty, errc::response_too_large);
}

TEST_P(event_faults, empty_event_says_nothing_so_that_an_empty_last_one_does_not_complete_the_answer) {
  const auto [faulty, sound, seen] = read_both("malformed-event empty" + at(api().whole));
  EXPECT_EQ(faulty.text, answer);
  check_failure(faulty, errc::stream_interrupted);
}

TEST_P(event_faults, error_event_is_the_providers_own_error) {
  const auto [faulty, sound, seen] = read_both("error-event 429" + after(third()));
  EXPECT_EQ(faulty.text, first_words(3));
  const auto failure = check_failure(faulty, errc::rate_limited);
  EXPECT_EQ(failure.message, "The emulator was told to answer 429.");
  EXPECT_EQ(failure.request_id.empty(), api().name == "gemini");
  EXPECT_EQ(failure.provider_type, api().limited_type);
  EXPECT_EQ(failure.provider_code, api().limited_code);
}

TEST_P(event_faults, error_event_of_a_server_that_has_too_much_to_do_is_told_as_such) {
  const bool is_anthropic = api().provider == "anthropic";
  const std::string status = is_anthropic ? "529" : "503";
  const auto [faulty, sound, seen] = read_both("error-event " + status + after(third()));
  check_failure(faulty, is_anthropic ? errc::overloaded : errc::service_unavailable);
}

TEST_P(event_faults, error_event_before_all_others_is_tried_again) {
  faulty_streaming test(GetParam(), R"(request 1: error-event 503 after 0 events, header "retry-after-ms: 1")");
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    const auto stream = co_await read_stream(chats, over, api().provider, ask(question));
    check_sound(stream);
    const auto& tries = stream.reply.provenance.failed_attempts;
    EXPECT_EQ(tries.size(), 1U);
    if (tries.empty()) co_return;
    EXPECT_EQ(tries[0].http_status, 200);
    EXPECT_EQ(tries[0].waited, 1ms);
  });
  EXPECT_EQ(test.server.report().requests, 2U);
}

TEST_P(event_faults, between_the_events_change_nothing) {
  for (const std::string noise : {"pings", "comments", "unknown-events", R"(between-events "\n\n: \n")",
                                  R"(between-events "retry: 7\nid: 7\nanother: field\n\n")"}) {
    check_same(noise);
  }
}

TEST_P(event_faults, pings_are_forwarded_where_the_api_has_them) {
  const auto [faulty, sound, seen] = read_both("pings");
  const bool has_pings = api().provider == "anthropic";
  EXPECT_EQ(sound.pings, has_pings ? 1 : 0);
  EXPECT_EQ(faulty.pings, has_pings ? 1 + static_cast<int>(api().events) : 0);
}

TEST_P(event_faults, in_pieces_change_nothing) {
  for (const std::string pieces : {"event-bytes 1", "event-bytes 7", "compress gzip, event-bytes 1"})
    check_same(pieces);
}

TEST_P(event_faults, in_other_lines_change_nothing) {
  for (const std::string lines : {"line-ends crlf", "line-ends cr", "byte-order-mark", "multi-line",
                                  "byte-order-mark, line-ends crlf, multi-line, pings, comments, event-bytes 1"}) {
    check_same(lines);
  }
}

TEST_P(event_faults, usage_that_comes_twice_counts_once) {
  const auto [faulty, sound, seen] = read_both("duplicate-usage");
  check_sound(faulty);
  EXPECT_EQ(faulty.reply.usage, sound.reply.usage);
  EXPECT_EQ(faulty.usages, sound.usages) << "nothing is told twice";
}

/// An answer that counts 3 tokens and then 5.
std::string counted_twice(const std::string& provider) {
  if (provider == "anthropic") {
    return R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}})"
           "\n\n"
           R"(data: {"type":"message_delta","delta":{},"usage":{"output_tokens":5}})"
           "\n\n"
           R"(data: {"type":"message_stop"})"
           "\n\n";
  }
  if (provider == "google") {
    return R"(data: {"usageMetadata":{"candidatesTokenCount":3}})"
           "\n\n"
           R"(data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"candidatesTokenCount":5}})"
           "\n\n";
  }
  return stop_chunk + R"(data: {"choices":[],"usage":{"completion_tokens":3}})" + "\n\n" +
         R"(data: {"choices":[],"usage":{"completion_tokens":5}})" + "\n\n" + done_event;
}

TEST_P(event_faults_of_counts, usage_that_is_counted_again_is_the_last_count) {
  faulty_streaming test(GetParam(), "");
  test.server.set_script(always(streamed(counted_twice(api().provider))));
  auto chats = test.blocking();
  const auto stream = read_stream(chats, ask(question));
  EXPECT_FALSE(stream.failure);
  EXPECT_EQ(stream.events, "(usage 3)(usage 5)(finished " + api().finish + ')');
  EXPECT_EQ(stream.reply.usage.output_tokens, 5);
}

TEST_P(event_faults, are_the_same_to_the_blocking_client) {
  faulty_streaming test(GetParam(), "request 1: cut" + after(third()) + "\nrequest 2: error-event 429" +
                                        after(third()) + "\nrequest 3: event-bytes 1, comments, duplicate-usage");
  auto chats = test.blocking();
  for (const auto code : {errc::stream_interrupted, errc::rate_limited}) {
    const auto stream = read_stream(chats, ask(question));
    EXPECT_EQ(stream.text, first_words(3));
    check_failure(stream, code);
  }
  check_sound(read_stream(chats, ask(question)));
  EXPECT_EQ(test.server.report().requests, 3U);
}

}  // namespace
}  // namespace warmwire::test::event_fault_test

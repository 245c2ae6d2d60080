// A thousand streams at once in one process: nothing lost, nothing mixed up, no thread each, no memory that grows.
#include "streaming.hpp"

#include <boost/asio/this_coro.hpp>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

namespace warmwire::test::many_streams_test {
namespace {

// Sanitizers keep what was freed, so that memory says nothing, and take ten times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
constexpr int streams = 1000;
constexpr int events = is_sanitized ? 40 : 200;

std::size_t threads_now() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// What is allocated by both ends. The resident size would say what the allocator keeps, which changes by megabytes.
std::size_t allocated_bytes() {
  const auto all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
}

/// Both ends of every connection are in this process.
bool may_open(rlim_t descriptors) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < descriptors) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, descriptors);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/// What the stream of model `number` says: "17:0 17:1 …".
std::string word(int number, int at) {
  return std::to_string(number) + ':' + std::to_string(at) + ' ';
}

emulator::rule stream_of(int number) {
  std::string body;
  for (int at = 0; at < events; ++at) {
    body.append(R"(data: {"candidates":[{"content":{"parts":[{"text":")")
        .append(word(number, at))
        .append("\"}]}}]}\n\n");
  }
  body.append(R"(data: {"candidates":[{"finishReason":"STOP"}]})").append("\n\n");
  return {{.path = "/v1beta/models/m" + std::to_string(number) + ':'}, streamed(body, {fault::slow{2000, 1000us}})};
}

emulator::script all_streams() {
  emulator::script out;
  for (int number = 0; number < streams; ++number)
    out.rules.push_back(stream_of(number));
  return out;
}

struct tally {
  int opened = 0;
  int complete = 0;
  int ended = 0;
  std::size_t most_threads = 0;
};

asio::awaitable<void> read_one(async_client& chats, int number, tally& seen) {
  auto request = ask();
  request.model = "m" + std::to_string(number);
  auto opened = co_await chats.async_stream(std::move(request), asio::use_awaitable);
  ++seen.opened;
  auto stream = std::move(opened).value();
  // All are open before any is read on.
  co_await until([&] { return seen.opened == streams; });
  seen.most_threads = std::max(seen.most_threads, threads_now());
  int at = 0;
  while (true) {
    const auto event = (co_await stream.next()).value();
    if (!event) break;
    if (const auto* text = std::get_if<text_delta>(&*event)) {
      EXPECT_EQ(text->text, word(number, at));
      ++at;
    }
  }
  if (at == events && stream.reply().finish == finish_reason::stop) ++seen.complete;
}

asio::awaitable<void> read_all_at_once(async_client& chats) {
  const auto threads = threads_now();
  tally seen;
  for (int number = 0; number < streams; ++number) {
    asio::co_spawn(co_await asio::this_coro::executor, read_one(chats, number, seen),
                   [&](const std::exception_ptr& thrown) {
                     ++seen.ended;
                     if (thrown) seen.opened = streams;  // the others wait for it
                     EXPECT_FALSE(thrown);
                   });
  }
  co_await until([&] { return seen.ended == streams; });
  EXPECT_EQ(seen.complete, streams);
  EXPECT_EQ(seen.most_threads, threads) << "no stream has a thread of its own";
}

void holds_for(http_protocol protocol, bool tls) {
  pool_options pool;
  pool.max_connections = streams;
  pool.max_h2_connections = 20;
  emulator::emulator_options options;
  options.tls = tls;
  options.record = false;
  streaming test(protocol, all_streams(), pool, 0, options);
  test.who.provider = "google";
  test.who.base_url = test.server.origin();
  test.run([&](async_client& chats, transport& over) -> asio::awaitable<void> {
    co_await read_all_at_once(chats);
    if (!is_sanitized) {
      const auto before = allocated_bytes();
      for (int again = 0; again < 2; ++again)
        co_await read_all_at_once(chats);
      EXPECT_LT(allocated_bytes(), before + (std::size_t{4} << 20));
    }
    EXPECT_EQ(over.stats("google").active, 0U);
  });
}

TEST(a_thousand_streams_at_once, lose_and_mix_up_nothing_over_http2) {
  holds_for(http_protocol::http2, true);
}

TEST(a_thousand_streams_at_once, lose_and_mix_up_nothing_over_http1) {
  if (!may_open(3 * streams)) GTEST_SKIP() << "needs " << 3 * streams << " descriptors";
  holds_for(http_protocol::http1, false);
}

}  // namespace
}  // namespace warmwire::test::many_streams_test

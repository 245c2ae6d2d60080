// Chats through both clients against the emulator, over real sockets.
#include "emulator/emulator.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace warmwire {
namespace {

namespace asio = boost::asio;
namespace fault = emulator::fault;
using namespace std::chrono_literals;

constexpr auto key = "sk-a-key-of-the-tests-77";

emulator::script always(std::vector<emulator::action> actions) {
  return {{{.when = {}, .actions = std::move(actions)}}};
}

emulator::emulator_options answering_with(emulator::script script) {
  emulator::emulator_options out;
  out.script = std::move(script);
  return out;
}

transport_options trusting(const emulator::server& server) {
  transport_options out;
  out.defaults.tls = tls_options{.ca_file = server.ca_file()};
  return out;
}

client_options at(const emulator::server& server) {
  return {.api_key = secret(key), .base_url = server.base_url(), .max_retries = 0};
}

client client_of(const emulator::server& server) {
  return client(at(server), std::make_shared<blocking_transport>(trusting(server)));
}

chat_request ask(std::string text) {
  return {.messages = {{role::user, std::move(text)}}};
}

/// The port of a server that is gone.
std::string refusing_url() {
  asio::io_context context;
  const asio::ip::tcp::acceptor gone(context, {asio::ip::address_v4::loopback(), 0});
  return "http://127.0.0.1:" + std::to_string(gone.local_endpoint().port()) + "/v1";
}

/// Runs an async_chat to its end on a loop of its own.
struct async_fixture {
  explicit async_fixture(const emulator::server& server)
      : over(context.get_executor(), trusting(server)), client(over, at(server)) {}

  result<chat_reply> chat(chat_request request) {
    std::optional<result<chat_reply>> out;
    client.async_chat(std::move(request), [&](result<chat_reply> reply) { out = std::move(reply); });
    context.restart();
    while (!out)
      context.run_one();
    return std::move(*out);
  }

  asio::io_context context;
  transport over;
  async_client client;
};

TEST(client, chats_over_a_connection_that_stays_open) {
  emulator::server server({});
  auto chats = client_of(server);
  const auto first = chats.chat("hello there");
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = chats.chat("once more");
  ASSERT_TRUE(second) << second.error().to_string();

  EXPECT_EQ(first->content, "You wrote 2 words: hello there");
  EXPECT_EQ(first->finish, finish_reason::stop);
  EXPECT_EQ(first->model, "gpt-5-mini");
  EXPECT_GT(first->usage.input_tokens, 0);
  EXPECT_EQ(first->usage.total_tokens, first->usage.input_tokens + first->usage.output_tokens);
  EXPECT_TRUE(first->request_id.starts_with("req_"));
  EXPECT_TRUE(first->id.starts_with("chatcmpl-"));
  EXPECT_EQ(first->http_status, 200);
  EXPECT_NE(first->raw_body.find("system_fingerprint"), std::string::npos);
  EXPECT_FALSE(first->provenance.reused);
  EXPECT_TRUE(second->provenance.reused);
  EXPECT_EQ(first->provenance.connection_id, second->provenance.connection_id);
  EXPECT_EQ(server.report().connections, 1U);
  EXPECT_EQ(chats.transport().stats("openai")->opened, 1U);
  EXPECT_EQ(chats.transport().stats("openai")->reused, 1U);
}

TEST(client, sends_what_the_api_documents) {
  emulator::server server({});
  auto request = ask("hi");
  request.messages.insert(request.messages.begin(), {role::system, "be brief"});
  request.model = "gpt-4o";
  request.temperature = 0.5;
  request.max_tokens = 2;
  const auto reply = client_of(server).chat(request);
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->finish, finish_reason::length);
  EXPECT_EQ(reply->model, "gpt-4o");

  const auto seen = server.report().arrivals.at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/v1/chat/completions");
  EXPECT_EQ(seen.body, R"({"model":"gpt-4o","messages":[{"role":"system","content":"be brief"},)"
                       R"({"role":"user","content":"hi"}],"temperature":0.5,"max_completion_tokens":2})");
  headers fields;
  for (const auto& [name, value] : seen.headers)
    fields.add(name, value);
  EXPECT_EQ(fields.get("authorization"), std::string("Bearer ") + key);
  EXPECT_EQ(fields.get("content-type"), "application/json");
  EXPECT_EQ(fields.get("content-length"), std::to_string(seen.body.size()));
}

TEST(client, copies_share_the_connections) {
  emulator::server server({});
  auto first = client_of(server);
  auto second = first;
  ASSERT_TRUE(first.chat("a"));
  const auto reply = second.chat("b");
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_TRUE(reply->provenance.reused);
}

TEST(client, providers_over_one_transport_have_pools_of_their_own) {
  emulator::server server({});
  const auto shared = std::make_shared<blocking_transport>(trusting(server));
  client first(at(server), shared);
  auto other = at(server);
  other.provider = "other";
  client second(other, shared);
  ASSERT_TRUE(first.chat("a"));
  const auto reply = second.chat("b");
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_FALSE(reply->provenance.reused);
  EXPECT_EQ(shared->stats("openai")->opened, 1U);
  EXPECT_EQ(shared->stats("other")->opened, 1U);
  EXPECT_EQ(shared->stats()->size(), 2U);
}

TEST(client, may_be_called_from_many_threads_at_once) {
  emulator::server server({});
  auto chats = client_of(server);
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        for (int call = 0; call < 10; ++call)
          answered += chats.chat("hi").has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(answered, 80);
  const auto stats = chats.transport().stats("openai").value();
  EXPECT_LE(stats.opened, 8U);
  EXPECT_EQ(stats.opened + stats.reused, 80U);
}

TEST(client, that_cannot_work_says_so_at_the_first_call) {
  client_options options;
  options.max_retries = 0;
  options.base_url = "no url";
  client made(options);
  EXPECT_EQ(made.chat("hi").error().code, errc::invalid_url);
  options.base_url = refusing_url();
  EXPECT_EQ(client(options).chat("").error().code, errc::connect_failed);
  EXPECT_EQ(client(options).chat(chat_request{}).error().code, errc::invalid_option);
}

TEST(client, reports_what_the_provider_reports) {
  emulator::server server({});
  auto options = at(server);
  options.api_key = secret("sk-wrong-and-secret-key");
  client wrong_key(options, std::make_shared<blocking_transport>(trusting(server)));
  const auto refused = wrong_key.chat("hi");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::authentication);
  EXPECT_EQ(refused.error().http_status, 401);
  EXPECT_EQ(refused.error().provider_code, "invalid_api_key");
  EXPECT_TRUE(refused.error().request_id.starts_with("req_"));

  auto request = ask("hi");
  request.model = "no-such-model";
  const auto unknown = client_of(server).chat(request);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::not_found);
  EXPECT_EQ(unknown.error().provider_code, "model_not_found");
}

TEST(client, keeps_the_connection_when_the_provider_reports_an_error) {
  emulator::server server(
      answering_with({{{.when = {.request = 1}, .actions = {fault::status{429}, fault::header{"Retry-After", "2"}}}}}));
  auto chats = client_of(server);
  const auto limited = chats.chat("a");
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().code, errc::rate_limited);
  EXPECT_EQ(limited.error().retry_after, 2s);
  const auto after = chats.chat("b");
  ASSERT_TRUE(after) << after.error().to_string();
  EXPECT_TRUE(after->provenance.reused);
}

// What the first `count` requests are answered with; the others get their answer.
emulator::script failing_first(unsigned count, std::vector<emulator::action> actions) {
  emulator::script out;
  for (unsigned i = 1; i <= count; ++i)
    out.rules.push_back({.when = {.request = i}, .actions = actions});
  return out;
}

TEST(client, tries_again_what_may_pass_and_tells_of_each_try) {
  emulator::server server(answering_with(failing_first(2, {fault::status{503}, fault::header{"retry-after-ms", "7"},
                                                           fault::header{"x-request-id", "req_of_a_failure"}})));
  auto request = ask("hi");
  request.max_retries = 2;
  const auto reply = client_of(server).chat(request);
  ASSERT_TRUE(reply) << reply.error().to_string();
  ASSERT_EQ(reply->provenance.failed_attempts.size(), 2U);
  for (const auto& each : reply->provenance.failed_attempts) {
    EXPECT_EQ(each.code, errc::service_unavailable);
    EXPECT_EQ(each.http_status, 503);
    EXPECT_EQ(each.waited, 7ms);
    EXPECT_EQ(each.request_id, "req_of_a_failure");
  }
  EXPECT_EQ(server.report().requests, 3U);
}

TEST(client, gives_up_after_its_retries_with_the_last_error) {
  emulator::server server(answering_with(always({fault::status{503}, fault::header{"retry-after-ms", "1"}})));
  auto options = at(server);
  options.max_retries = 2;
  client chats(options, std::make_shared<blocking_transport>(trusting(server)));
  const auto failed = chats.chat("hi");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::service_unavailable);
  EXPECT_EQ(failed.error().failed_attempts.size(), 2U);
  EXPECT_NE(failed.error().to_string().find("; try 3"), std::string::npos);
  EXPECT_EQ(server.report().requests, 3U);
  ASSERT_TRUE(failed.error().answer);
  EXPECT_EQ(failed.error().answer->headers.get("retry-after-ms"), "1");
}

TEST(client, returns_an_error_whose_wait_is_longer_than_a_minute_or_than_the_deadline) {
  emulator::server server(answering_with(always({fault::status{429}, fault::header{"Retry-After", "59"}})));
  auto request = ask("hi");
  request.max_retries = 5;
  request.timeout = 30s;
  const auto deadline = client_of(server).chat(request);
  ASSERT_FALSE(deadline);
  EXPECT_EQ(deadline.error().retry_after, 59s);
  EXPECT_TRUE(deadline.error().failed_attempts.empty());
  EXPECT_EQ(server.report().requests, 1U);
}

TEST(client, does_not_try_again_what_will_not_pass) {
  emulator::server server(answering_with(always({fault::status{400}})));
  auto request = ask("hi");
  request.max_retries = 5;
  ASSERT_FALSE(client_of(server).chat(request));
  EXPECT_EQ(server.report().requests, 1U);
}

TEST(client, sends_a_model_to_the_provider_that_its_name_chooses) {
  const std::string body = R"({"id":"msg_1","model":"claude-x","content":[{"type":"text","text":"Bonjour"}],)"
                           R"("stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}})";
  emulator::server server(answering_with(always({fault::status{200}, fault::body{body}})));
  auto options = at(server);
  options.others = {
      {.provider = "mine", .kind = "anthropic", .api_key = secret("sk-mine-1234"), .base_url = server.origin()}};
  client chats(options, std::make_shared<blocking_transport>(trusting(server)));
  auto request = ask("hi");
  request.model = "mine/claude-x";
  const auto reply = chats.chat(request);
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->content, "Bonjour");
  EXPECT_EQ(chats.transport().stats("mine")->opened, 1U);
  EXPECT_EQ(chats.transport().stats("openai")->opened, 0U);
}

TEST(client, embeds_lists_models_and_counts_tokens) {
  const auto answering = [](const std::string& body) {
    return answering_with(always({fault::status{200}, fault::body{body}}));
  };
  emulator::server vectors(answering(R"({"data":[{"index":0,"embedding":"AACAPwAAIMA="}]})"));
  const auto embedded = client_of(vectors).embed({.model = "m", .input = {"a"}});
  ASSERT_TRUE(embedded) << embedded.error().to_string();
  EXPECT_EQ(embedded->vectors.at(0), (std::vector<float>{1.0F, -2.5F}));
  emulator::server list(answering(R"({"data":[{"id":"gpt-x"}]})"));
  EXPECT_EQ(client_of(list).models()->models.at(0).id, "gpt-x");
  EXPECT_EQ(client_of(list).models({.provider = "no-such"}).error().code, errc::invalid_option);
  EXPECT_EQ(client_of(list).count_tokens(ask("hi")).error().code, errc::unsupported_call);
  emulator::server counting(answering(R"({"input_tokens":42})"));
  auto options = at(counting);
  options.kind = "anthropic";
  options.base_url = counting.origin();
  client counts(options, std::make_shared<blocking_transport>(trusting(counting)));
  EXPECT_EQ(counts.count_tokens(ask("hi"))->input_tokens, 42);
}

TEST(client, obeys_the_deadline_of_a_chat) {
  emulator::server server(answering_with(always({fault::end{.how = fault::ending::stall}})));
  auto request = ask("hi");
  request.timeout = 50ms;
  const auto late = client_of(server).chat(request);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::deadline_exceeded);
}

TEST(client, does_not_trust_an_unknown_authority) {
  emulator::server server({});
  const auto refused = client(at(server)).chat("hi");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::certificate_unknown_authority);
}

TEST(blocking_transport, ends_at_once_while_a_peer_is_silent) {
  emulator::server server(answering_with(always({fault::end{.how = fault::ending::stall}})));
  auto over = std::make_unique<blocking_transport>(trusting(server));
  auto silent = std::async(std::launch::async, [&server, to = over.get()] {
    return to->send({.provider = "openai", .url = server.origin() + "/v1/models"});
  });
  ASSERT_TRUE(server.wait_for([](const emulator::report& seen) { return seen.requests == 1; }));
  over.reset();
  const auto outcome = silent.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::pool_closed);
}

TEST(blocking_transport, refuses_options_out_of_range) {
  transport_options options;
  options.defaults.max_connections = 0;
  EXPECT_THROW(blocking_transport{options}, exception);
  blocking_transport fine;
  EXPECT_EQ(fine.configure("openai", options.defaults).error().code, errc::invalid_option);
}

TEST(blocking_transport, applies_what_is_configured) {
  blocking_transport over;
  EXPECT_EQ(over.settings("openai")->idle_timeout, 240s);
  pool_options options;
  options.max_connections = 7;
  ASSERT_TRUE(over.configure("openai", options));
  EXPECT_EQ(over.settings("openai")->max_connections, 7U);
}

TEST(blocking_transport, closes_what_it_is_told_to) {
  emulator::server server({});
  auto chats = client_of(server);
  auto& over = chats.transport();
  ASSERT_TRUE(chats.chat("a"));
  EXPECT_EQ(over.close_idle().value(), 1U);
  ASSERT_TRUE(chats.chat("b"));
  ASSERT_TRUE(over.close("open"));
  EXPECT_EQ(over.stats("openai")->idle, 1U);
  ASSERT_TRUE(over.close("openai"));
  EXPECT_EQ(over.stats("openai")->idle, 0U);
  ASSERT_TRUE(chats.chat("c"));
  ASSERT_TRUE(over.close_all());
  EXPECT_EQ(over.stats("openai")->idle, 0U);
  EXPECT_EQ(over.stats("openai")->opened, 3U);
}

TEST(blocking_transport, refuses_a_call_that_would_wait_for_itself) {
  emulator::server server({});
  std::optional<client> chats;
  std::optional<result<chat_reply>> inner;
  auto options = trusting(server);
  options.log = [&](std::string_view) {
    if (!inner) inner = chats->chat("from the log");
  };
  chats.emplace(at(server), std::make_shared<blocking_transport>(std::move(options)));
  ASSERT_TRUE(chats->chat("hi"));
  chats.reset();  // joins the thread that wrote `inner`
  ASSERT_TRUE(inner.has_value());
  ASSERT_FALSE(*inner);
  EXPECT_EQ(inner->error().code, errc::would_deadlock);
}

// Whether the thread has ended to its last: only then has OpenSSL freed what it keeps for each thread.
bool thread_is_gone(pid_t thread) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  const auto entry = "/proc/self/task/" + std::to_string(thread);
  while (std::filesystem::exists(entry)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(blocking_transport, may_be_released_on_its_own_thread) {
  struct last_words {
    std::promise<pid_t> said;
    ~last_words() { said.set_value(::gettid()); }
  };
  emulator::server server({});
  auto words = std::make_shared<last_words>();
  auto gone = words->said.get_future();
  auto over = std::make_shared<blocking_transport*>();
  auto options = trusting(server);
  options.log = [over, words = std::move(words)](std::string_view) { delete std::exchange(*over, nullptr); };
  *over = new blocking_transport(std::move(options));
  const auto outcome = (*over)->send({.provider = "openai", .url = server.origin() + "/v1/models"});
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_EQ(gone.wait_for(10s), std::future_status::ready);
  EXPECT_TRUE(thread_is_gone(gone.get()));
}

// In a child there is no gtest: the exit code tells.
int calls_after_fork(std::unique_ptr<client> chats) {
  const auto reply = chats->chat("from the child");
  if (reply || reply.error().code != errc::forked) return 1;
  if (chats->transport().stats("openai").error().code != errc::forked) return 2;
  chats.reset();
  return 0;
}

TEST(blocking_transport, leaves_a_fork_alone) {
  emulator::server server({});
  auto chats = std::make_unique<client>(client_of(server));
  ASSERT_TRUE(chats->chat("before"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(calls_after_fork(std::move(chats)));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto after = chats->chat("after");
  ASSERT_TRUE(after) << after.error().to_string();
  EXPECT_TRUE(after->provenance.reused);
}

TEST(async_client, chats_from_a_coroutine) {
  emulator::server server({});
  async_fixture fixture(server);
  std::string said;
  asio::co_spawn(
      fixture.context,
      [&]() -> asio::awaitable<void> {
        const auto reply = co_await fixture.client.async_chat(ask("hello"), asio::use_awaitable);
        said = reply.value().content;
        co_await fixture.over.async_close_all(1s, asio::use_awaitable);
      },
      [](const std::exception_ptr& thrown) { EXPECT_EQ(thrown, nullptr); });
  fixture.context.run();
  EXPECT_EQ(said, "You wrote 1 word: hello");
}

TEST(async_client, never_completes_within_the_call_that_starts_it) {
  asio::io_context context;
  transport over(context.get_executor());
  async_client chats(over, {.api_key = secret(key)});
  bool starting = true;
  std::optional<errc> code;
  asio::post(context, [&] {
    chats.async_chat({}, [&](const result<chat_reply>& reply) {
      EXPECT_FALSE(starting);
      code = reply.error().code;
    });
    starting = false;
  });
  while (!code)
    context.run_one();
  EXPECT_EQ(code, errc::invalid_option);
}

TEST(async_client, can_be_cancelled) {
  emulator::server server(answering_with(always({fault::end{.how = fault::ending::stall}})));
  async_fixture fixture(server);
  asio::cancellation_signal stop;
  std::optional<result<chat_reply>> outcome;
  fixture.client.async_chat(ask("hi"), asio::bind_cancellation_slot(
                                           stop.slot(), [&](result<chat_reply> reply) { outcome = std::move(reply); }));
  while (server.report().requests == 0)
    fixture.context.run_one_for(1ms);
  stop.emit(asio::cancellation_type::terminal);
  while (!outcome)
    fixture.context.run_one();
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, errc::cancelled);
  // Over HTTP/2 the place of the stream is free when the server has shown that it is there, or the connection is given
  // up.
  while (fixture.over.stats("openai").active > 0)
    fixture.context.run_one();
}

// Starts a chat that waits for a minute before its second try, and runs until it waits.
struct waiting_chat {
  explicit waiting_chat(const emulator::server& server)
      : over(context.get_executor(), trusting(server)), client(std::in_place, over, retrying(server)) {
    client->async_chat(ask("hi"), asio::bind_cancellation_slot(
                                      stop.slot(), [this](result<chat_reply> reply) { outcome = std::move(reply); }));
    while (over.stats("openai").idle == 0)
      context.run_one();
    run_what_is_ready();
  }

  /// Then only the wait is left.
  void run_what_is_ready() {
    while (context.poll_one() != 0) {
    }
  }

  static client_options retrying(const emulator::server& server) {
    auto out = at(server);
    out.max_retries = 1;
    return out;
  }

  asio::io_context context;
  transport over;
  std::optional<async_client> client;
  asio::cancellation_signal stop;
  std::optional<result<chat_reply>> outcome;
};

TEST(async_client, can_be_cancelled_while_it_waits_to_try_again) {
  emulator::server server(answering_with(always({fault::status{503}, fault::header{"Retry-After", "60"}})));
  waiting_chat chat(server);
  EXPECT_FALSE(chat.outcome);
  chat.stop.emit(asio::cancellation_type::total);
  chat.run_what_is_ready();
  ASSERT_TRUE(chat.outcome);
  const auto& outcome = *chat.outcome;
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::cancelled);
  ASSERT_EQ(outcome.error().failed_attempts.size(), 1U);
  EXPECT_EQ(outcome.error().failed_attempts[0].http_status, 503);
  EXPECT_EQ(server.report().requests, 1U);
}

TEST(async_client, that_is_destroyed_ends_a_wait_with_the_error_that_led_to_it) {
  emulator::server server(answering_with(always({fault::status{503}, fault::header{"Retry-After", "60"}})));
  waiting_chat chat(server);
  EXPECT_FALSE(chat.outcome);
  chat.client.reset();
  chat.run_what_is_ready();
  ASSERT_TRUE(chat.outcome);
  const auto& outcome = *chat.outcome;
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::service_unavailable);
  EXPECT_EQ(server.report().requests, 1U);
}

// Everything that an error, a log line or a snapshot says, in one text.
class all_texts {
 public:
  void add(const error& reason) {
    add(reason.to_string());
    for (const auto& text : {reason.message, reason.provider_type, reason.provider_code, reason.request_id})
      add(text);
    if (reason.pool) add(reason.pool->to_string() + reason.pool->origin + reason.pool->last_dial_error);
  }
  void add(std::string_view text) { all_.append(text).append("\n"); }

  [[nodiscard]] bool hold(std::string_view what) const { return all_.find(what) != std::string::npos; }
  [[nodiscard]] const std::string& get() const { return all_; }

 private:
  std::string all_;
};

struct named_fault {
  errc expected;
  std::vector<emulator::action> actions;
};

TEST(client, no_api_key_in_any_error_log_or_stats) {
  const std::string secret_key = "sk-distinctive-0123456789abcdef";
  const std::string echo = R"({"error":{"message":"you sent )" + secret_key + R"(","type":")" + secret_key +
                           R"(","code":")" + secret_key + R"("}})";
  const auto raw = [](std::string text) { return fault::raw{std::move(text)}; };
  const std::vector<named_fault> faults{
      {errc::authentication, {fault::status{401}, fault::body{echo}}},
      {errc::rate_limited, {fault::status{429}, fault::body{echo}, fault::header{"x-request-id", secret_key}}},
      {errc::server_error, {fault::status{500}, fault::body{"<html>" + secret_key + "</html>"}}},
      {errc::server_error, {fault::status{500}, fault::body{secret_key.substr(0, 20)}}},
      {errc::unexpected_status, {fault::status{302}, fault::header{"Location", "https://a.test/?" + secret_key}}},
      {errc::unexpected_body, {fault::body{"Bearer " + secret_key}}},
      {errc::unexpected_body, {fault::body{R"({"choices":")" + secret_key + R"("})"}}},
      {errc::malformed_response, {raw(secret_key + "\r\n\r\n")}},
      {errc::malformed_response, {raw("HTTP/1.1 200 OK\r\n" + secret_key + " x: y\r\n\r\n")}},
      {errc::conflicting_length,
       {raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + secret_key)}},
      {errc::invalid_chunk, {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret_key + "\r\n")}},
      {errc::header_section_too_large, {fault::malformed{fault::malformation::huge_head}}},
      {errc::connection_lost, {fault::end{.how = fault::ending::reset}}},
      {errc::stream_interrupted,
       {fault::end{.how = fault::ending::reset, .when = fault::moment::in_body, .body_bytes = 10}}},
      {errc::deadline_exceeded, {fault::end{.how = fault::ending::stall}}},
  };
  all_texts texts;
  // The faults are HTTP/1.1's; what becomes of them over HTTP/2 must hold no key either.
  auto spoken = http_protocol::http1;
  const auto run = [&](const emulator::server& server, client_options options, errc expected, tls_options tls) {
    transport_options over;
    over.defaults.protocol = spoken;
    over.defaults.tls = std::move(tls);
    over.defaults.total_timeout = expected == errc::deadline_exceeded ? 100ms : 30s;
    over.log = [&](std::string_view line) { texts.add(line); };
    options.base_url = server.base_url();
    client chats(options, std::make_shared<blocking_transport>(std::move(over)));
    const auto reply = chats.chat("my key is none of your business");
    if (reply) {  // no fault over HTTP/2
      EXPECT_EQ(spoken, http_protocol::http2) << to_string(expected);
      return;
    }
    if (spoken == http_protocol::http1) {
      EXPECT_EQ(reply.error().code, expected) << reply.error().to_string();
    }
    texts.add(reply.error());
    try {
      static_cast<void>(reply.value());
    } catch (const std::exception& thrown) {
      texts.add(thrown.what());
    }
    for (const auto& stats : chats.transport().stats().value())
      texts.add(stats.to_string() + stats.provider);
  };
  const client_options with_key{
      .api_key = secret(secret_key), .extra_headers = {{"X-Other", secret_key}}, .max_retries = 0};
  for (spoken = http_protocol::http1; const auto& [expected, actions] : faults) {
    SCOPED_TRACE(to_string(expected));
    const emulator::server server(answering_with(always(actions)));
    run(server, with_key, expected, {.ca_file = server.ca_file()});
  }
  for (spoken = http_protocol::http2; const auto& [expected, actions] : faults) {
    SCOPED_TRACE(to_string(expected));
    const emulator::server server(answering_with(always(actions)));
    run(server, with_key, expected, {.ca_file = server.ca_file()});
  }
  spoken = http_protocol::http1;
  const emulator::server server({});
  run(server, with_key, errc::certificate_unknown_authority, {});
  auto bad_header = with_key;
  bad_header.extra_headers = {{"X-Other", secret_key + "\r\nX-Injected: 1"}};
  run(server, bad_header, errc::invalid_header, {.ca_file = server.ca_file()});
  auto bad_key = with_key;
  bad_key.api_key = secret(secret_key + "\nsecond line");
  run(server, bad_key, errc::invalid_option, {.ca_file = server.ca_file()});

  EXPECT_TRUE(texts.hold("success=false"));  // the log was heard
  EXPECT_TRUE(texts.hold("[redacted]"));     // and the echoes came through
  EXPECT_FALSE(texts.hold("sk-distinctive")) << texts.get();
}

}  // namespace
}  // namespace warmwire

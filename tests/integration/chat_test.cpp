// Chats through the blocking client against the emulator, over real sockets.
#include "whole_chats.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace warmwire::test::chat_test {
namespace {

/// The port of a server that is gone.
std::string refusing_url() {
  asio::io_context context;
  const asio::ip::tcp::acceptor gone(context, {asio::ip::address_v4::loopback(), 0});
  return "http://127.0.0.1:" + std::to_string(gone.local_endpoint().port()) + "/v1";
}

TEST(client, chats_over_a_connection_that_stays_open) {
  emulator::server server({.strict = true});
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
  emulator::server server({.strict = true});
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
  EXPECT_EQ(fields.get("authorization"), std::string("Bearer ") + key_of_tests);
  EXPECT_EQ(fields.get("content-type"), "application/json");
  EXPECT_EQ(fields.get("content-length"), std::to_string(seen.body.size()));
}

TEST(client, copies_share_the_connections) {
  emulator::server server({.strict = true});
  auto first = client_of(server);
  auto second = first;
  ASSERT_TRUE(first.chat("a"));
  const auto reply = second.chat("b");
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_TRUE(reply->provenance.reused);
}

TEST(client, providers_over_one_transport_have_pools_of_their_own) {
  emulator::server server({.strict = true});
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
  emulator::server server({.strict = true});
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
  emulator::server server({.strict = true});
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
  emulator::server server({.strict = true});
  const auto refused = client(at(server)).chat("hi");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::certificate_unknown_authority);
}

}  // namespace
}  // namespace warmwire::test::chat_test

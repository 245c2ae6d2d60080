// What tests of whole chats against the emulator share.
#pragma once

#include "emulator/emulator.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::test {

namespace asio = boost::asio;
namespace fault = emulator::fault;
using namespace std::chrono_literals;

inline constexpr auto key_of_tests = "sk-a-key-of-the-tests-77";

inline emulator::script always(std::vector<emulator::action> actions) {
  return {{{.when = {}, .actions = std::move(actions)}}};
}

inline emulator::emulator_options answering_with(emulator::script script) {
  emulator::emulator_options out{.strict = true};
  out.script = std::move(script);
  return out;
}

inline transport_options trusting(const emulator::server& server) {
  transport_options out;
  out.defaults.tls = tls_options{.ca_file = server.ca_file()};
  return out;
}

inline client_options at(const emulator::server& server) {
  return {.api_key = secret(key_of_tests), .base_url = server.base_url(), .max_retries = 0};
}

inline client client_of(const emulator::server& server) {
  return client(at(server), std::make_shared<blocking_transport>(trusting(server)));
}

inline chat_request ask(std::string text = "hi") {
  return {.messages = {{role::user, std::move(text)}}};
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

}  // namespace warmwire::test

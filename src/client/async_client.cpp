#include "providers/calls.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/async_client.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>

#include <cstdlib>
#include <utility>

namespace warmwire {

/// Constant after construction, so that any thread may start a chat.
class async_client::state {
 public:
  state(warmwire::transport& over, const client_options& options)
      : transport(over), config(providers::make_provider_config(providers::own_provider(options), [](const char* name) {
          return std::getenv(name);
        })) {}

  [[nodiscard]] result<request> encode(const chat_request& chat) const {
    if (!config) return config.error();
    return providers::encode_chat(*config, chat, providers::delivery::whole);
  }

  [[nodiscard]] result<chat_reply> decode(result<response> answer) const {
    if (!answer) return config->redact(std::move(answer).error());
    return providers::decode_chat(*config, std::move(*answer));
  }

  warmwire::transport& transport;
  const result<providers::provider_config> config;
};

async_client::async_client(warmwire::transport& transport, client_options options)
    : state_(std::make_shared<state>(transport, options)) {}

result<void> async_client::check() const {
  if (!state_->config) return state_->config.error();
  return {};
}

void async_client::start_chat(chat_request chat, detail::completion<chat_reply> done) {
  namespace asio = boost::asio;
  const auto executor = state_->transport.get_executor();
  auto encoded = state_->encode(chat);
  if (!encoded) {
    // Never from within the initiating function: the caller may hold a lock.
    asio::post(executor,
               [done = std::move(done), why = std::move(encoded).error()]() mutable { done(std::move(why)); });
    return;
  }
  const auto slot = done.slot();
  auto decode = [state = state_, done = std::move(done)](result<response> answer) mutable {
    done(state->decode(std::move(answer)));
  };
  state_->transport.async_send(std::move(*encoded),
                               asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(decode))));
}

}  // namespace warmwire

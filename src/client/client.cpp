#include "client/blocking_state.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/client.hpp>

#include <utility>

namespace warmwire {

namespace {

chat_request asking(std::string prompt) {
  chat_request out;
  out.messages.push_back({role::user, std::move(prompt)});
  return out;
}

}  // namespace

class WARMWIRE_INTERNAL client::state {
 public:
  state(client_options options, std::shared_ptr<blocking_transport> over)
      : transport(std::move(over)), chats(transport->state_->inner(), std::move(options)) {}

  /// Blocks until what `start(handler)` begins has ended.
  template <class Reply, class Start>
  result<Reply> wait(Start start) {
    return transport->state_->wait<Reply>(std::move(start));
  }

  const std::shared_ptr<blocking_transport> transport;
  async_client chats;
};

client::client() : client(client_options{}) {}

client::client(client_options options) : client(std::move(options), std::make_shared<blocking_transport>()) {}

client::client(client_options options, std::shared_ptr<blocking_transport> transport)
    : state_(std::make_shared<state>(std::move(options), std::move(transport))) {}

result<void> client::check() const {
  return state_->chats.check();
}

result<chat_reply> client::chat(std::string prompt) {
  return chat(asking(std::move(prompt)));
}

result<chat_reply> client::chat(chat_request request) {
  return state_->wait<chat_reply>(
      [&](auto handler) { state_->chats.async_chat(std::move(request), std::move(handler)); });
}

blocking_chat_stream client::stream(std::string prompt) {
  return stream(asking(std::move(prompt)));
}

blocking_chat_stream client::stream(chat_request request) {
  return {state_->transport, state_->wait<chat_stream>([&](auto handler) {
            state_->chats.async_stream(std::move(request), std::move(handler));
          })};
}

result<embed_reply> client::embed(embed_request request) {
  return state_->wait<embed_reply>(
      [&](auto handler) { state_->chats.async_embed(std::move(request), std::move(handler)); });
}

result<model_list> client::models(models_request request) {
  return state_->wait<model_list>(
      [&](auto handler) { state_->chats.async_models(std::move(request), std::move(handler)); });
}

result<token_count> client::count_tokens(chat_request request) {
  return state_->wait<token_count>(
      [&](auto handler) { state_->chats.async_count_tokens(std::move(request), std::move(handler)); });
}

blocking_transport& client::transport() noexcept {
  return *state_->transport;
}

}  // namespace warmwire

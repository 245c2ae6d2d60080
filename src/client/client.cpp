#include "client/blocking_state.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/client.hpp>

#include <utility>

namespace warmwire {

class client::state {
 public:
  state(client_options options, std::shared_ptr<blocking_transport> over)
      : transport(std::move(over)), chats(transport->state_->inner(), std::move(options)) {}

  result<chat_reply> chat(chat_request request) {
    return transport->state_->wait<chat_reply>(
        [&](auto handler) { chats.async_chat(std::move(request), std::move(handler)); });
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
  chat_request request;
  request.messages.push_back({role::user, std::move(prompt)});
  return chat(std::move(request));
}

result<chat_reply> client::chat(chat_request request) {
  return state_->chat(std::move(request));
}

blocking_transport& client::transport() noexcept {
  return *state_->transport;
}

}  // namespace warmwire

// Chat from code with an Asio event loop.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/client_options.hpp>
#include <warmwire/detail/completion.hpp>
#include <warmwire/error.hpp>
#include <warmwire/transport.hpp>

#include <memory>

namespace warmwire {

/// A provider over the pools of a `transport`, which must outlive it. Lives on the transport's executor.
class async_client {
 public:
  explicit async_client(warmwire::transport& transport, client_options options = {});

  /// What every chat would fail with because of the options or the environment, before anything is sent; opens nothing.
  /// Errors: `missing_api_key`, `invalid_option`, `invalid_url`, `unsupported_scheme`, `invalid_header`. From any
  /// thread.
  [[nodiscard]] result<void> check() const;

  /// Sends a conversation and completes with the whole answer. Signature `void(result<chat_reply>)`.
  /// Errors as `client::chat`. Cancellation as `transport::async_send`.
  template <class CompletionToken>
  auto async_chat(chat_request request, CompletionToken&& token) {
    return detail::async_result_of<chat_reply>(
        [this](chat_request what, detail::completion<chat_reply> done) {
          start_chat(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

 private:
  void start_chat(chat_request request, detail::completion<chat_reply> done);

  class state;
  std::shared_ptr<state> state_;
};

}  // namespace warmwire

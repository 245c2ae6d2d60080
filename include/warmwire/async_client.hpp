// Chats, embeddings and the like from code with an Asio event loop.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/chat_stream.hpp>
#include <warmwire/client_options.hpp>
#include <warmwire/detail/completion.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>
#include <warmwire/models.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace WARMWIRE_PUBLIC warmwire {

/// Providers over the pools of a `transport`. Lives on the transport's executor, whose context must outlive it; calls
/// may be started from any thread. A call that waits to be tried again when the client is destroyed ends with the error
/// that it has; others run to their end. When the transport is gone, they and all later ones end with `pool_closed`.
///
/// What fails for a reason that may pass is tried again, see `client_options::max_retries`; the reply's
/// `provenance::failed_attempts`, or the error's, tells of each try. Cancellation as `transport::async_send`.
class async_client {
 public:
  explicit async_client(warmwire::transport& transport, client_options options = {});
  async_client(async_client&&) noexcept;
  async_client& operator=(async_client&&) noexcept;
  ~async_client();

  /// What every call of the client's own provider would fail with because of the options or the environment, before
  /// anything is sent; opens nothing. Errors: `missing_api_key`, `invalid_option`, `invalid_url`, `unsupported_scheme`,
  /// `invalid_header`. From any thread.
  [[nodiscard]] result<void> check() const;

  /// Sends a conversation and completes with the whole answer. Signature `void(result<chat_reply>)`.
  /// Errors as `client::chat`.
  template <class CompletionToken>
  auto async_chat(chat_request request, CompletionToken&& token) {
    return detail::async_result_of<chat_reply>(
        executor(),
        [this](chat_request what, detail::completion<chat_reply> done) {
          start_chat(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

  /// Sends a conversation and completes when the first event of the answer has arrived. Signature
  /// `void(result<chat_stream>)`. Errors as `client::chat`. What fails by then may be tried again, what fails later is
  /// not.
  template <class CompletionToken>
  auto async_stream(chat_request request, CompletionToken&& token) {
    return detail::async_result_of<chat_stream>(
        executor(),
        [this](chat_request what, detail::completion<chat_stream> done) {
          start_stream(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

  /// Signature `void(result<embed_reply>)`. Errors as `client::embed`.
  template <class CompletionToken>
  auto async_embed(embed_request request, CompletionToken&& token) {
    return detail::async_result_of<embed_reply>(
        executor(),
        [this](embed_request what, detail::completion<embed_reply> done) {
          start_embed(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

  /// Signature `void(result<model_list>)`. Errors as `client::models`.
  template <class CompletionToken>
  auto async_models(models_request request, CompletionToken&& token) {
    return detail::async_result_of<model_list>(
        executor(),
        [this](models_request what, detail::completion<model_list> done) {
          start_models(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

  /// Signature `void(result<token_count>)`. Errors as `client::count_tokens`.
  template <class CompletionToken>
  auto async_count_tokens(chat_request request, CompletionToken&& token) {
    return detail::async_result_of<token_count>(
        executor(),
        [this](chat_request what, detail::completion<token_count> done) {
          start_count_tokens(std::move(what), std::move(done));
        },
        std::forward<CompletionToken>(token), std::move(request));
  }

 private:
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept;
  void start_chat(chat_request request, detail::completion<chat_reply> done);
  void start_stream(chat_request request, detail::completion<chat_stream> done);
  void start_embed(embed_request request, detail::completion<embed_reply> done);
  void start_models(models_request request, detail::completion<model_list> done);
  void start_count_tokens(chat_request request, detail::completion<token_count> done);

  class state;
  std::shared_ptr<state> state_;
};

}  // namespace warmwire

// Chats, embeddings and the like from code without an event loop.
#pragma once

#include <warmwire/blocking_chat_stream.hpp>
#include <warmwire/blocking_transport.hpp>
#include <warmwire/chat.hpp>
#include <warmwire/client_options.hpp>
#include <warmwire/detail/visibility.hpp>
#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>
#include <warmwire/models.hpp>

#include <memory>
#include <string>

namespace WARMWIRE_PUBLIC warmwire {

/// Providers over pooled connections. Every function may be called from any thread, at once. Copies share the
/// transport. Making one never fails and opens nothing: what is missing or wrong shows as the error of the first call.
///
/// What fails for a reason that may pass is tried again, see `client_options::max_retries`; the reply's
/// `provenance::failed_attempts`, or the error's, tells of each try.
class client {
 public:
  /// Everything from the environment, over a transport of its own.
  client();
  explicit client(client_options options);
  /// Over a transport that other clients may share.
  client(client_options options, std::shared_ptr<blocking_transport> transport);

  /// What every call of the client's own provider would fail with because of the options or the environment, before
  /// anything is sent; opens nothing. Errors: `missing_api_key`, `invalid_option`, `invalid_url`, `unsupported_scheme`,
  /// `invalid_header`.
  [[nodiscard]] result<void> check() const;

  /// Asks one question. Errors: those of `chat(chat_request)`.
  result<chat_reply> chat(std::string prompt);

  /// Sends a conversation and waits for the whole answer; blocks the caller.
  /// Errors: those of `check`, those of `transport::async_send`, and the provider's: `bad_request` … `unexpected_body`.
  result<chat_reply> chat(chat_request request);

  /// Sends a conversation and gives the answer while it arrives; blocks the caller until its first event is there. What
  /// goes wrong is told by the stream's `reply`. Tried again until the first event, never after it.
  blocking_chat_stream stream(std::string prompt);
  blocking_chat_stream stream(chat_request request);

  /// Turns texts into vectors; blocks the caller. Errors: those of `chat`, and `unsupported_call`.
  result<embed_reply> embed(embed_request request);

  /// What models there are, a page of them; blocks the caller. Errors: those of `chat`.
  result<model_list> models(models_request request = {});

  /// How many tokens a chat's input would be; blocks the caller. Errors: those of `chat`, and `unsupported_call`:
  /// Anthropic and Google count them.
  result<token_count> count_tokens(chat_request request);

  /// The pools beneath.
  [[nodiscard]] blocking_transport& transport() noexcept;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace warmwire

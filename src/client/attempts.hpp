// One try of a call: the request out, the answer in, its coding taken off. Lives on the transport's executor.
#pragma once

#include "client/call_context.hpp"
#include "client/open_chat.hpp"
#include "providers/answer_choices.hpp"
#include "providers/json_document.hpp"
#include "providers/provider_config.hpp"
#include "providers/provider_error.hpp"

#include <warmwire/embedding.hpp>
#include <warmwire/error.hpp>
#include <warmwire/request.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace warmwire {

using config_ptr = std::shared_ptr<const providers::provider_config>;

template <class Reply>
using decoder =
    std::function<result<Reply>(const providers::provider_config&, response&&, const providers::json_document*)>;

/// A call whose answer comes whole, as JSON.
template <class Reply>
struct whole_call {
  config_ptr config;
  decoder<Reply> decode;
  providers::json_limits limits;
};

/// What an answer that was never read to its end means: an error status stays what it says, and its head is as good as
/// that of a whole answer.
[[nodiscard]] error error_of_transport(const providers::provider_config& config, error reason);

/// The body of a success in JSON, decoded and parsed; nothing where it is none. Errors: `response_too_large` and
/// `unexpected_body` where the coding cannot be taken off.
boost::asio::awaitable<result<std::unique_ptr<providers::json_document>>> read_whole(const call_context& context,
                                                                                     const config_ptr& config,
                                                                                     providers::json_limits limits,
                                                                                     response& answer);

/// Errors: those of `transport::async_send`, of `read_whole`, and of `decode`.
template <class Reply>
boost::asio::awaitable<result<Reply>> send_once(std::shared_ptr<call_context> context, whole_call<Reply> call,
                                                request message) {
  auto answer = co_await context->send(std::move(message));
  if (!answer) co_return error_of_transport(*call.config, std::move(answer).error());
  const auto parsed = co_await read_whole(*context, call.config, call.limits, *answer);
  if (!parsed) {
    co_return providers::unreadable_body(*call.config, providers::answer_of(std::move(*answer)), parsed.error());
  }
  co_return call.decode(*call.config, std::move(*answer), parsed->get());
}

struct embed_call {
  config_ptr config;
  std::shared_ptr<const embed_request> what;
  providers::json_limits limits;
};

/// As `send_once`; where the answer is that it does not take base64, the request goes out again without, and so do the
/// client's later ones at once.
boost::asio::awaitable<result<embed_reply>> embed_once(std::shared_ptr<call_context> context, embed_call call,
                                                       request message);

struct streamed_call {
  config_ptr config;
  providers::answer_choices asked = providers::answer_choices::one;
  bool keep_raw_body = false;
};

/// Completes when the first event has come: what fails before may be tried again, what fails later may not.
/// Errors: those of `transport::async_open`, of `decode_error`, and of `chat_stream::next`.
boost::asio::awaitable<result<std::shared_ptr<detail::open_chat>>> open_once(std::shared_ptr<call_context> context,
                                                                             streamed_call call, request message);

}  // namespace warmwire

#include "client/attempts.hpp"

#include "client/slices.hpp"
#include "http/content_decoder.hpp"
#include "providers/calls.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace warmwire {

namespace asio = boost::asio;

namespace {

/// More of an error is nobody's explanation.
constexpr std::size_t longest_error_body = std::size_t{1} << 20;
/// A caller who waits for an answer need not wait long for the rest of the words that say why there is none.
constexpr std::chrono::milliseconds longest_error_wait{5'000};

bool is_of_the_answer(errc code) {
  switch (code) {
    case errc::stream_interrupted:
    case errc::inactivity_timeout:
    case errc::stream_idle_timeout:
    case errc::invalid_chunk:
    case errc::response_too_large:
      return true;
    default:
      return false;
  }
}

bool is_success(int status) {
  return status >= 200 && status <= 299;
}

/// A body that was read as far as it can be.
struct read_body {
  response answer;
  std::optional<error> broken{};  ///< why that is not to its end
};

/// Its beginning may say enough.
asio::awaitable<read_body> read_error(response_stream from) {
  read_body out{.answer = {.status = from.status(), .headers = from.headers(), .body = {}, .provenance = {}}};
  auto& body = out.answer.body;
  from.limit_rest(longest_error_wait);
  while (body.size() < longest_error_body) {
    auto piece = co_await from.async_read(asio::use_awaitable);
    if (!piece) out.broken = std::move(piece).error();
    if (out.broken || piece->empty()) break;
    body.append(*piece);
  }
  out.answer.provenance = from.provenance();
  co_return out;
}

/// `reason` ended the reading of an answer of which `got` had come.
error error_of_broken(const providers::provider_config& config, provider_answer got, error reason) {
  const bool is_told_by_status = !is_success(got.http_status) && is_of_the_answer(reason.code);
  auto out = providers::unreadable_body(config, std::move(got), reason);
  out.body_bytes = reason.body_bytes;
  if (!is_told_by_status) {
    out.code = reason.code;
    out.phase = reason.phase;
    out.message = std::move(reason.message);
  }
  return config.redact(std::move(out));
}

asio::awaitable<error> error_of(config_ptr config, response_stream from) {
  auto [answer, broken] = co_await read_error(std::move(from));
  const auto readable = http::decode_content(answer.headers, answer.body, longest_error_body);
  auto got = providers::answer_of(std::move(answer));
  if (broken && !is_of_the_answer(broken->code)) {
    co_return error_of_broken(*config, std::move(got), std::move(*broken));
  }
  if (!readable && got.raw_body.empty())
    co_return providers::unreadable_body(*config, std::move(got), readable.error());
  co_return providers::decode_error(*config, std::move(got));
}

}  // namespace

error error_of_transport(const providers::provider_config& config, error reason) {
  if (!reason.answer) return config.redact(std::move(reason));
  response head{.status = reason.answer->http_status,
                .headers = reason.answer->headers,
                .body = reason.answer->raw_body,
                .provenance = reason.answer->provenance};
  // What is decoded of half a body is good enough; the transport has bounded what there is of it.
  const bool is_coded = http::content_decoder(head.headers).has_coding();
  if (is_coded) (void)http::decode_content(head.headers, head.body, longest_error_body);
  return error_of_broken(config, providers::answer_of(std::move(head)), std::move(reason));
}

asio::awaitable<result<std::unique_ptr<providers::json_document>>> read_whole(const call_context& context,
                                                                              const config_ptr& config,
                                                                              providers::json_limits limits,
                                                                              response& answer) {
  body_limit limit{longest_error_body, "what is read of an error"};
  if (is_success(answer.status)) {
    limit = {context.settings(config->provider).max_response_body_bytes, "max_response_body_bytes"};
    if (limits.max_bytes < limit.max_bytes) limit = {limits.max_bytes, "max_json_bytes allows"};
  }
  auto readable = co_await decode_in_slices(answer.headers, answer.body, limit);
  if (!readable) co_return std::move(readable).error();
  if (is_success(answer.status)) co_return co_await parse_in_slices(answer.body, limits);
  if (answer.body.size() > longest_error_body) answer.body.resize(longest_error_body);
  co_return nullptr;
}

asio::awaitable<result<embed_reply>> embed_once(std::shared_ptr<call_context> context, embed_call call,
                                                request message) {
  using std::chrono::milliseconds;
  const auto& provider = call.config->provider;
  const auto timeout = message.timeout.value_or(context->settings(provider).total_timeout);
  const auto begin = context->now();
  const whole_call<embed_reply> once{
      .config = call.config,
      .decode = [count = call.what->input.size()](
                    const auto& config, response&& answer,
                    const auto* parsed) { return providers::decode_embed(config, count, std::move(answer), parsed); },
      .limits = call.limits};
  auto headers = message.headers;
  if (!context->is_base64_refused(provider)) {
    auto first = co_await send_once<embed_reply>(context, once, std::move(message));
    if (first || !providers::refuses_base64(first.error())) co_return first;
    context->note_base64_refused(provider);
  }
  auto unsaid = providers::encode_embed(*call.config, *call.what, providers::vector_form::unsaid);
  if (!unsaid) co_return std::move(unsaid).error();
  unsaid->headers = std::move(headers);
  const auto spent = std::chrono::duration_cast<milliseconds>(context->now() - begin);
  unsaid->timeout = std::max(timeout - spent, milliseconds(1));
  co_return co_await send_once<embed_reply>(context, once, std::move(*unsaid));
}

asio::awaitable<result<std::shared_ptr<detail::open_chat>>> open_once(std::shared_ptr<call_context> context,
                                                                      streamed_call call, request message) {
  auto body = co_await context->open(std::move(message));
  if (!body) co_return error_of_transport(*call.config, std::move(body).error());
  if (!is_success(body->status())) co_return co_await error_of(std::move(call.config), std::move(*body));
  const auto most = context->settings(call.config->provider).max_response_body_bytes;
  auto chat =
      std::make_shared<detail::open_chat>(context->executor(), std::move(call.config), std::move(*body), call.asked);
  if (call.keep_raw_body) chat->keep_raw_body(most);
  auto begun = co_await chat->begin();
  if (!begun) co_return std::move(begun).error();
  co_return chat;
}

}  // namespace warmwire

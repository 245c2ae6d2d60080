#include "client/attempts.hpp"

#include "providers/error_words.hpp"

#include <string>

namespace warmwire {

namespace asio = boost::asio;

namespace {

/// More of an error is nobody's explanation.
constexpr std::size_t longest_error_body = std::size_t{1} << 20;

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

/// The body as far as it can be read, since its beginning may say enough.
asio::awaitable<result<response>> read_error(response_stream from) {
  response out{.status = from.status(), .headers = from.headers(), .body = {}, .provenance = {}};
  while (out.body.size() < longest_error_body) {
    auto piece = co_await from.async_read(asio::use_awaitable);
    if (!piece && !is_of_the_answer(piece.error().code)) co_return std::move(piece).error();
    if (!piece || piece->empty()) break;
    out.body.append(*piece);
  }
  out.provenance = from.provenance();
  co_return out;
}

asio::awaitable<error> error_of(config_ptr config, response_stream from) {
  auto answer = co_await read_error(std::move(from));
  if (!answer) co_return config->redact(std::move(answer).error());
  const auto readable = http::decode_content(answer->headers, answer->body, longest_error_body);
  auto got = providers::answer_of(std::move(*answer));
  if (!readable && got.raw_body.empty())
    co_return providers::unreadable_body(*config, std::move(got), readable.error());
  co_return providers::decode_error(*config, std::move(got));
}

}  // namespace

error error_of_transport(const providers::provider_config& config, error reason) {
  if (reason.http_status >= 400 && is_of_the_answer(reason.code)) {
    reason.code = providers::code_for_status(reason.http_status);
    reason.message = "status " + std::to_string(reason.http_status) +
                     " with a body that cannot be read: " + std::move(reason.message);
  }
  return config.redact(std::move(reason));
}

asio::awaitable<result<std::shared_ptr<detail::open_chat>>> open_once(std::shared_ptr<call_context> context,
                                                                      config_ptr config, request message) {
  auto body = co_await context->transport.async_open(std::move(message), asio::use_awaitable);
  if (!body) co_return error_of_transport(*config, std::move(body).error());
  if (!is_success(body->status())) co_return co_await error_of(std::move(config), std::move(*body));
  auto chat = std::make_shared<detail::open_chat>(context->executor, std::move(config), std::move(*body));
  auto begun = co_await chat->begin();
  if (!begun) co_return std::move(begun).error();
  co_return chat;
}

}  // namespace warmwire

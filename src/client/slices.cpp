#include "client/slices.hpp"

#include "http/content_decoder.hpp"
#include "providers/json_mending.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace warmwire {

namespace asio = boost::asio;

namespace {

error too_long(const body_limit& limit) {
  error out{.code = errc::response_too_large, .phase = phase::body};
  out.message.append("the decoded response body is longer than ").append(limit.name);
  out.message.append(" (").append(std::to_string(limit.max_bytes)).append(" bytes)");
  return out;
}

asio::awaitable<void> feed_in_slices(providers::json_document& to, std::string_view text) {
  while (to.feed(text.substr(0, slice_bytes)) && text.size() > slice_bytes) {
    text.remove_prefix(slice_bytes);
    co_await let_others_run();
  }
  to.end();
}

}  // namespace

asio::awaitable<void> let_others_run() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

asio::awaitable<result<void>> decode_in_slices(const headers& fields, std::string& body, body_limit limit) {
  http::content_decoder decoder(fields);
  if (!decoder.has_coding()) co_return result<void>();
  const auto coded = std::exchange(body, {});
  for (std::size_t at = 0; at < coded.size(); at += slice_bytes) {
    decoder.feed(coded.substr(at, slice_bytes));
    std::size_t worked = slice_bytes;
    while (true) {
      if (worked >= slice_bytes) {
        worked = 0;
        if (at > 0 || !body.empty()) co_await let_others_run();
      }
      const auto piece = decoder.next();
      if (!piece) co_return piece.error();
      if (piece->empty()) break;
      if (piece->size() > limit.max_bytes - body.size()) {
        co_return too_long(limit);
      }
      body.append(*piece);
      worked += piece->size();
    }
  }
  if (!decoder.is_complete()) co_return decoder.cut_off();
  co_return result<void>();
}

asio::awaitable<std::unique_ptr<providers::json_document>> parse_in_slices(std::string_view text,
                                                                           providers::json_limits limits) {
  auto made = std::make_unique<providers::json_document>(limits);
  co_await feed_in_slices(*made, text);
  if (!made->may_be_mended()) co_return made;
  co_await let_others_run();
  const auto mended = providers::mended_json(text);
  if (!mended) co_return made;
  auto again = std::make_unique<providers::json_document>(limits);
  co_await feed_in_slices(*again, *mended);
  co_return again;
}

}  // namespace warmwire

// Long work on an answer, done in slices: between them the event loop serves everyone else. Lives on the transport's
// executor.
#pragma once

#include "providers/json_document.hpp"

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace warmwire {

/// What is done of it in one turn: some milliseconds, whatever the bytes are.
inline constexpr std::size_t slice_bytes = std::size_t{256} << 10;

/// Lets everyone else of the event loop have a turn.
boost::asio::awaitable<void> let_others_run();

/// `limit` of a body, and the option that it stands in.
struct body_limit {
  std::size_t max_bytes = 0;
  std::string_view name;
};

/// As `http::decode_content`.
boost::asio::awaitable<result<void>> decode_in_slices(const headers& fields, std::string& body, body_limit limit);

/// `text` must stay as it is until then.
boost::asio::awaitable<std::unique_ptr<providers::json_document>> parse_in_slices(std::string_view text,
                                                                                  providers::json_limits limits);

}  // namespace warmwire

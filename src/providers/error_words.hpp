// The shapes in which providers say what went wrong. Pure.
#pragma once

#include <warmwire/error.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// As they came: neither bounded nor cleared of secrets.
struct error_words {
  std::string message{};
  std::string type{};
  std::string code{};
  std::string request_id{};
  std::optional<std::chrono::milliseconds> retry_after{};  ///< Google's RetryInfo
  errc unnamed = errc::unexpected_body;                    ///< what it means with neither a type nor a code
  std::optional<errc> meaning{};                           ///< where the shape itself tells it
};

/// Nothing where `body` has none of the shapes: `error` as an object, a list or a text, `errors`, FastAPI's `detail`
/// with all its entries, MiniMax's `base_resp`, a bare `message`; of an array all errors in it. What a router quotes of
/// another server is a part of the message.
[[nodiscard]] std::optional<error_words> find_error_words(const boost::json::value& body);
[[nodiscard]] std::optional<error_words> find_error_words(const boost::json::object& body);
/// The same in what is no JSON: an event stream, or an object behind other text.
[[nodiscard]] std::optional<error_words> find_error_words(std::string_view text);

/// Whether a body that came with a success, or an event of a stream, is an error all the same.
[[nodiscard]] bool is_error(const boost::json::object& body);

}  // namespace warmwire::providers

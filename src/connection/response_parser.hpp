// Parses one HTTP/1.x response after the other from the bytes of a connection (RFC 9112). Pure: no socket, no clock.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::connection {

inline constexpr std::size_t max_header_section_bytes = std::size_t{64} << 10;
inline constexpr int max_interim_responses = 16;

/// What a response's method and the reader allow.
struct response_rules {
  bool answers_head = false;  ///< the response to HEAD has no body whatever its length says (RFC 9110 §9.3.2)
};

class response_parser {
 public:
  response_parser();
  ~response_parser();

  /// Forgets the response before and waits for the next one. Everything below is for between `begin` and `release`.
  void begin(const response_rules& rules);
  /// Frees what the response took: an idle connection holds nothing of it.
  void release();

  /// Takes all of `bytes`; what comes of the body is appended to `body()`. Bytes behind the end of the response stay
  /// uncounted for: see `has_leftover()`. Errors: `header_section_too_large`, `conflicting_length`, `invalid_chunk`,
  /// `malformed_response`.
  result<void> feed(std::string_view bytes);
  /// The connection ended in order. Errors: `connection_lost` when no byte of the response had come,
  /// `stream_interrupted` when it was not complete. `truncatable` says that TLS did not vouch for the end
  /// (RFC 9112 §9.8).
  enum class ending { in_order, truncatable };
  result<void> feed_end(ending how);

  [[nodiscard]] bool has_begun() const noexcept;  ///< a byte of the response (interim ones included) has come
  /// A byte has come of what is to be the final response: between interim responses there is nothing to wait for.
  [[nodiscard]] bool is_under_way() const noexcept;
  [[nodiscard]] bool is_head_done() const noexcept;  ///< of the final response: interim ones are passed over
  [[nodiscard]] bool is_done() const noexcept;
  /// Bytes followed the end of the response: the connection is not to be trusted.
  [[nodiscard]] bool has_leftover() const noexcept;
  /// By its version and Connection header, the connection may carry another request after this response.
  [[nodiscard]] bool is_persistent() const noexcept;
  /// How many body bytes are still to come, where the response says so.
  [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept;

  [[nodiscard]] int status() const noexcept;
  [[nodiscard]] bool is_http_1_0() const noexcept;
  [[nodiscard]] warmwire::headers& headers() noexcept;
  /// What has come of the body and was not taken yet.
  [[nodiscard]] std::string& body() noexcept;
  [[nodiscard]] std::uint64_t body_bytes() const noexcept;  ///< all that has come, taken or not

 private:
  class machine;
  void restart();
  bool may_be_http(std::string_view bytes) const;
  result<void> put(std::string_view bytes);

  std::unique_ptr<machine> machine_;
  response_rules rules_{};
  std::string pending_;  // bytes of an unfinished header section or chunk header
  std::string body_;
  std::uint64_t body_bytes_ = 0;
  warmwire::headers headers_;
  int interim_ = 0;
  bool begun_ = false;
  bool leftover_ = false;

  friend class machine;
};

}  // namespace warmwire::connection

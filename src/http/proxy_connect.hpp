// The request that opens a tunnel through an HTTP proxy, and its answer (RFC 9110 §9.3.6). Pure.
#pragma once

#include "http/proxy_url.hpp"

#include <warmwire/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::http {

struct connect_request {
  std::string_view authority;   ///< "api.example.com:443"
  std::string_view user_agent;  ///< left out when empty or not fit for a field
  const std::optional<proxy_credentials>& credentials;
};

/// The bytes to send. Credentials go out at once, without waiting to be asked for (RFC 7617 §2).
[[nodiscard]] std::string encode(const connect_request& request);
/// The value that credentials have in Proxy-Authorization.
[[nodiscard]] secret basic_authorization(const proxy_credentials& given);

/// Reads the answer as it comes. What follows a successful head belongs to the tunnel, whatever its length fields say.
class connect_answer {
 public:
  static constexpr std::size_t max_bytes = std::size_t{64} << 10;  ///< of all heads together
  static constexpr std::size_t max_challenges = 16;

  /// Takes the next bytes; true once the final head is complete.
  /// Errors: `proxy_failed` when they are no HTTP/1.x answer, or too many, or when bytes follow the head of a success,
  /// where the origin has nothing to say yet.
  [[nodiscard]] result<bool> feed(std::string_view bytes);

  [[nodiscard]] bool has_begun() const noexcept { return !seen_.empty(); }
  [[nodiscard]] bool is_success() const noexcept { return status_ / 100 == 2; }
  [[nodiscard]] int status() const noexcept { return status_; }
  /// As the proxy wrote it: of any bytes.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  /// The values of Proxy-Authenticate, of any bytes.
  [[nodiscard]] const std::vector<std::string>& challenges() const noexcept { return challenges_; }

 private:
  result<bool> take_line(std::string_view line);
  result<void> take_status(std::string_view line);
  result<void> take_field(std::string_view line);

  std::string seen_;
  std::size_t line_ = 0;    // where the first line that was not read begins
  bool in_fields_ = false;  // the status line was read
  int status_ = 0;
  std::string reason_;
  std::vector<std::string> challenges_;
};

}  // namespace warmwire::http

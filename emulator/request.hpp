// An HTTP request as it came, and the parser that makes it from bytes. Owned by a session; no Asio.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::emulator {

struct request {
  std::string method;
  std::string target;
  unsigned minor_version = 1;  ///< of HTTP/1
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The value of the first field of that name, in any case; null when there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  /// The target without its query.
  [[nodiscard]] std::string_view path() const;
};

/// Reads one request into `into`: first the head alone, then what was asked for with `want_body`.
class request_parser final : public boost::beast::http::basic_parser<true> {
 public:
  static constexpr std::uint32_t max_head_bytes = 64 * 1024;
  static constexpr std::uint64_t max_body_bytes = 64 * 1024 * 1024;

  explicit request_parser(request& into);
  void want_body() { eager(true); }

 private:
  using error_code = boost::beast::error_code;
  using text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, text method, text target, int version,
                       error_code& failure) override;
  void on_response_impl(int code, text reason, int version, error_code& failure) override;
  void on_field_impl(boost::beast::http::field field, text name, text value, error_code& failure) override;
  void on_header_impl(error_code& failure) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& failure) override;
  std::size_t on_body_impl(text bytes, error_code& failure) override;
  void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& failure) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, text bytes, error_code& failure) override;
  void on_finish_impl(error_code& failure) override;

  request& into_;
};

}  // namespace warmwire::emulator

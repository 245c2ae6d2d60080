// The server's side of an HTTP/2 connection, by nghttp2: a peer that keeps the rules.
#pragma once

#include "tests/unit/connection/h2_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

struct nghttp2_session;

namespace warmwire::connection::h2_test {

class h2_server {
 public:
  struct request {
    field_list fields;
    std::set<std::string> never_indexed;
    std::string body;
    bool has_ended = false;
    std::optional<std::uint32_t> reset;  // the code that the client reset it with
    std::string response;                // what of its body is still to be sent
    bool response_ends = false;
  };

  h2_server();
  h2_server(const h2_server&) = delete;
  h2_server& operator=(const h2_server&) = delete;
  ~h2_server();

  void feed(std::string_view bytes);
  std::string output();

  /// Answers with 200 and the body.
  void respond(std::int32_t stream, std::string body);
  /// Leaves the stream open behind what is sent of the body.
  void respond_without_end(std::int32_t stream, std::string body);

  [[nodiscard]] std::map<std::int32_t, request>& requests() noexcept { return requests_; }
  [[nodiscard]] std::size_t open_streams() const noexcept { return opened_ - closed_; }
  [[nodiscard]] std::size_t resets() const noexcept { return resets_; }
  /// What it may still send, on the connection and on a stream.
  [[nodiscard]] std::int32_t connection_window() const;
  [[nodiscard]] std::int32_t stream_window(std::int32_t stream) const;

 private:
  struct reports;
  void submit(std::int32_t stream);

  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, request> requests_;
  std::size_t opened_ = 0;
  std::size_t closed_ = 0;
  std::size_t resets_ = 0;
};

}  // namespace warmwire::connection::h2_test

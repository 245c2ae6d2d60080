// A blocking HTTP/2 client that sees every frame as it is: nghttp2 over a `raw_client`. For tests of the emulator.
#pragma once

#include "tests/integration/emulator/raw_client.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::emulator {

using field_list = std::vector<std::pair<std::string, std::string>>;

struct h2_response {
  int status = 0;
  std::vector<int> interims;
  field_list fields;
  std::string body;
  bool is_ended = false;               ///< by END_STREAM
  std::optional<std::uint32_t> reset;  ///< the code of an RST_STREAM, by either side

  [[nodiscard]] std::string field(std::string_view name) const;
};

/// A frame as it came.
struct seen_frame {
  int type = 0;
  int flags = 0;
  std::int32_t stream = 0;
  std::string payload;
};

/// Offers ALPN to the connections made with `tls`, names as in "h2".
void offer(raw_tls& tls, const std::vector<std::string>& protocols);

class h2_client {
 public:
  struct settings {
    raw_tls* tls = nullptr;
    std::optional<std::uint32_t> window{};  ///< announced for each stream
    bool gives_credit = true;               ///< WINDOW_UPDATE for what was read
  };

  explicit h2_client(std::uint16_t port) : h2_client(port, settings()) {}
  h2_client(std::uint16_t port, settings wanted);

  /// Sends a request and returns its stream.
  std::int32_t get(std::string_view path, const field_list& fields = {});
  /// All in one write: the server has all of them before it answers the first.
  struct question {
    std::string path;
    field_list fields = {};
  };
  std::vector<std::int32_t> get_all(const std::vector<question>& what);
  std::int32_t post(std::string_view path, std::string body, const field_list& fields = {});
  std::int32_t chat(std::string_view text);
  /// Sends the head of a POST, and its body when it is given to `finish`.
  std::int32_t begin_post(std::string_view path, const field_list& fields = {});
  void finish(std::int32_t stream, std::string body);
  void reset(std::int32_t stream, std::uint32_t code = NGHTTP2_CANCEL);
  void ping();
  void say_goaway(std::uint32_t code);
  /// Gives back the windows that `stream` has used up.
  void give_credit(std::int32_t stream);

  /// Reads until it holds; false when the connection ended or nothing more came before.
  bool read_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = raw_client::patience);
  /// Reads to the end of the stream or of the connection.
  const h2_response& wait(std::int32_t stream);
  const h2_response& response(std::int32_t stream) { return responses_[stream]; }
  /// Sends a request and waits for the response.
  const h2_response& ask(std::string_view path) { return wait(get(path)); }
  /// Reads to the end of the connection and returns how it ended.
  wire_event read_to_end(std::chrono::milliseconds limit = raw_client::patience);
  /// How it ended; `bytes` while it has not.
  [[nodiscard]] wire_event end() const { return end_; }

  /// From now on no frame is understood, only seen; nothing is answered.
  void only_watch() { is_watching_ = true; }
  [[nodiscard]] const std::vector<seen_frame>& frames() const { return frames_; }
  [[nodiscard]] std::size_t count(nghttp2_frame_type type, std::optional<std::int32_t> stream = {}) const;
  /// In the order in which the responses began, and ended.
  [[nodiscard]] const std::vector<std::int32_t>& begun() const { return begun_; }
  [[nodiscard]] const std::vector<std::int32_t>& ended() const { return ended_; }
  /// What the server announced last.
  [[nodiscard]] std::uint32_t announced(nghttp2_settings_id id) const;
  struct goaway {
    std::uint32_t last = 0;
    std::uint32_t code = 0;
  };
  [[nodiscard]] std::vector<goaway> goaways() const;
  [[nodiscard]] std::size_t pongs() const;

  raw_client wire;

 private:
  friend struct client_callbacks;
  struct deleter {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };
  struct upload {
    std::string body;
    bool is_given = true;
    std::size_t sent = 0;
  };

  std::int32_t submit(std::string_view method, std::string_view path, const field_list& fields, bool has_body);
  void flush();
  void split_frames();

  std::unique_ptr<nghttp2_session, deleter> session_;
  std::map<std::int32_t, h2_response> responses_;
  std::map<std::int32_t, upload> uploads_;
  std::vector<std::int32_t> begun_;
  std::vector<std::int32_t> ended_;
  std::string unsplit_;
  std::vector<seen_frame> frames_;
  bool is_watching_ = false;
  bool has_failed_write_ = false;
  wire_event end_ = wire_event::bytes;
};

}  // namespace warmwire::emulator

// A blocking HTTP/2 client that sees every frame as it is.
#include "tests/integration/emulator/h2_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace warmwire::emulator {
namespace {

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char each : bytes)
    value = value << 8U | static_cast<std::uint8_t>(each);
  return value;
}

nghttp2_nv field_of(std::string_view name, std::string_view value) {
  const auto bytes_of = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct client_callbacks {
  static h2_client& self(void* client) { return *static_cast<h2_client*>(client); }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_bytes,
                       const std::uint8_t* value, std::size_t value_bytes, std::uint8_t, void* client) {
    h2_response& into = self(client).responses_[frame->hd.stream_id];
    const std::string field(name, name + name_bytes);
    const std::string text(value, value + value_bytes);
    if (field != ":status") {
      into.fields.emplace_back(field, text);
      return 0;
    }
    const int status = std::atoi(text.c_str());
    if (status < 200) {
      into.interims.push_back(status);
    } else {
      into.status = status;
      self(client).begun_.push_back(frame->hd.stream_id);
    }
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                     void* client) {
    self(client).responses_[stream].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* client) {
    const bool is_message = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (is_message && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self(client).responses_[frame->hd.stream_id].is_ended = true;
      self(client).ended_.push_back(frame->hd.stream_id);
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      self(client).responses_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    }
    return 0;
  }

  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* client) {
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      self(client).responses_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    }
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* client) {
    h2_client::upload& from = self(client).uploads_[stream];
    if (!from.is_given) return NGHTTP2_ERR_DEFERRED;
    const std::size_t bytes = std::min(size, from.body.size() - from.sent);
    std::copy_n(from.body.data() + from.sent, bytes, into);
    from.sent += bytes;
    if (from.sent == from.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(bytes);
  }

  static void make(h2_client& client, const h2_client::settings& wanted) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* options = nullptr;
    nghttp2_session* session = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_option_new(&options);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &on_sent);
    nghttp2_option_set_no_auto_window_update(options, wanted.gives_credit ? 0 : 1);
    nghttp2_session_client_new2(&session, callbacks, &client, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    client.session_.reset(session);
  }
};

std::string h2_response::field(std::string_view name) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [name](const auto& each) { return each.first == name; });
  return found == fields.end() ? std::string() : found->second;
}

void offer(raw_tls& tls, const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& each : protocols)
    (list += static_cast<char>(each.size())) += each;
  SSL_CTX_set_alpn_protos(tls.context, reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned int>(list.size()));
}

h2_client::h2_client(std::uint16_t port, settings wanted) : wire(port, wanted.tls) {
  if (wanted.tls != nullptr && wire.protocol() != "h2") throw std::runtime_error("the server did not choose h2");
  client_callbacks::make(*this, wanted);
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, wanted.window.value_or(0)};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &window, wanted.window ? 1 : 0);
  flush();
}

std::int32_t h2_client::submit(std::string_view method, std::string_view path, const field_list& fields,
                               bool has_body) {
  std::vector<nghttp2_nv> head{field_of(":method", method), field_of(":scheme", "https"),
                               field_of(":authority", "localhost"), field_of(":path", path),
                               field_of("authorization", "Bearer sk-test")};
  for (const auto& [name, value] : fields)
    head.push_back(field_of(name, value));
  nghttp2_data_provider body{};
  body.read_callback = &client_callbacks::read_body;
  return nghttp2_submit_request(session_.get(), nullptr, head.data(), head.size(), has_body ? &body : nullptr, nullptr);
}

std::int32_t h2_client::get(std::string_view path, const field_list& fields) {
  const auto stream = submit("GET", path, fields, false);
  flush();
  return stream;
}

std::vector<std::int32_t> h2_client::get_all(const std::vector<question>& what) {
  std::vector<std::int32_t> streams;
  for (const auto& each : what)
    streams.push_back(submit("GET", each.path, each.fields, false));
  flush();
  return streams;
}

std::int32_t h2_client::post(std::string_view path, std::string body, const field_list& fields) {
  const auto stream = submit("POST", path, fields, true);
  uploads_[stream] = {std::move(body)};
  flush();
  return stream;
}

std::int32_t h2_client::chat(std::string_view text) {
  return post("/v1/chat/completions",
              R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":")" + std::string(text) + R"("}]})");
}

std::int32_t h2_client::begin_post(std::string_view path, const field_list& fields) {
  const auto stream = submit("POST", path, fields, true);
  uploads_[stream].is_given = false;
  flush();
  return stream;
}

void h2_client::finish(std::int32_t stream, std::string body) {
  uploads_[stream] = {std::move(body)};
  nghttp2_session_resume_data(session_.get(), stream);
  flush();
}

void h2_client::reset(std::int32_t stream, std::uint32_t code) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, code);
  flush();
}

void h2_client::ping() {
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  flush();
}

void h2_client::say_goaway(std::uint32_t code) {
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, 0, code, nullptr, 0);
  flush();
}

void h2_client::give_credit(std::int32_t stream) {
  nghttp2_session_consume(session_.get(), stream, responses_[stream].body.size());
  flush();
}

void h2_client::flush() {
  const std::uint8_t* bytes = nullptr;
  std::string all;
  for (auto size = nghttp2_session_mem_send(session_.get(), &bytes); size > 0;
       size = nghttp2_session_mem_send(session_.get(), &bytes)) {
    all.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  // The failure of a write takes the news of a reset from the reading.
  if (!wire.send(all)) has_failed_write_ = true;
}

void h2_client::split_frames() {
  constexpr std::size_t head_bytes = 9;
  unsplit_ += wire.received;
  std::size_t at = 0;
  while (unsplit_.size() - at >= head_bytes) {
    const auto head = std::string_view(unsplit_).substr(at, head_bytes);
    const std::size_t size = big_endian(head.substr(0, 3));
    if (unsplit_.size() - at < head_bytes + size) break;
    frames_.push_back({.type = static_cast<std::uint8_t>(head[3]),
                       .flags = static_cast<std::uint8_t>(head[4]),
                       .stream = static_cast<std::int32_t>(big_endian(head.substr(5))),
                       .payload = unsplit_.substr(at + head_bytes, size)});
    at += head_bytes + size;
  }
  unsplit_.erase(0, at);
}

bool h2_client::read_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  while (!condition()) {
    if (end_ != wire_event::bytes) return false;
    wire.received.clear();
    const auto event = wire.next(limit);
    if (event == wire_event::silence) return false;
    if (event != wire_event::bytes) {
      end_ = has_failed_write_ ? wire_event::reset : event;
      continue;
    }
    split_frames();
    if (is_watching_) continue;
    nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(wire.received.data()),
                             wire.received.size());
    flush();
  }
  return true;
}

const h2_response& h2_client::wait(std::int32_t stream) {
  const h2_response& awaited = responses_[stream];
  read_until([&awaited] { return awaited.is_ended || awaited.reset.has_value(); });
  return awaited;
}

wire_event h2_client::read_to_end(std::chrono::milliseconds limit) {
  read_until([] { return false; }, limit);
  return end_ == wire_event::bytes ? wire_event::silence : end_;
}

std::size_t h2_client::count(nghttp2_frame_type type, std::optional<std::int32_t> stream) const {
  return static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(), [&](const seen_frame& each) {
    return each.type == static_cast<int>(type) && (!stream || each.stream == *stream);
  }));
}

std::uint32_t h2_client::announced(nghttp2_settings_id id) const {
  return nghttp2_session_get_remote_settings(session_.get(), id);
}

std::vector<h2_client::goaway> h2_client::goaways() const {
  std::vector<goaway> found;
  for (const seen_frame& each : frames_) {
    if (each.type != NGHTTP2_GOAWAY) continue;
    const std::string_view payload = each.payload;
    found.push_back({big_endian(payload.substr(0, 4)), big_endian(payload.substr(4, 4))});
  }
  return found;
}

std::size_t h2_client::pongs() const {
  return static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(), [](const seen_frame& each) {
    return each.type == NGHTTP2_PING && (each.flags & NGHTTP2_FLAG_ACK) != 0;
  }));
}

}  // namespace warmwire::emulator

#include "tests/unit/connection/h2_server.hpp"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>

namespace warmwire::connection::h2_test {

namespace {

std::uint8_t* bytes_of(std::string_view text) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  return {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct h2_server::reports {
  static h2_server& self(void* user) { return *static_cast<h2_server*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame*, void* user) {
    ++self(user).opened_;
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length,
                       const std::uint8_t* value, std::size_t value_length, std::uint8_t flags, void* user) {
    auto& request = self(user).requests_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_length);
    request.fields.emplace_back(key, std::string(reinterpret_cast<const char*>(value), value_length));
    if ((flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0) request.never_indexed.insert(key);
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t length,
                     void* user) {
    self(user).requests_[id].body.append(reinterpret_cast<const char*>(bytes), length);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& server = self(user);
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      ++server.resets_;
      server.requests_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    } else if (frame->hd.type <= NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      server.requests_[frame->hd.stream_id].has_ended = true;
    }
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t, std::uint32_t, void* user) {
    ++self(user).closed_;
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* room, std::size_t length,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) {
    auto& [fields, secrets, body, has_ended, reset, response, ends] = self(user).requests_[id];
    const auto part = std::min(length, response.size());
    std::copy_n(response.begin(), part, room);
    response.erase(0, part);
    if (response.empty() && ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (part == 0 && !ends) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(part);
  }
};

h2_server::h2_server() {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_on_begin_headers_callback(calls, reports::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(calls, reports::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, reports::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, reports::on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, reports::on_close);
  nghttp2_session_server_new(&session_, calls, this);
  nghttp2_session_callbacks_del(calls);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

h2_server::~h2_server() {
  nghttp2_session_del(session_);
}

void h2_server::feed(std::string_view bytes) {
  const auto taken = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
  ASSERT_EQ(taken, static_cast<ssize_t>(bytes.size())) << "the client broke the protocol";
  ASSERT_NE(nghttp2_session_want_read(session_), 0) << "the client broke the protocol";
}

std::string h2_server::output() {
  std::string all;
  const std::uint8_t* bytes = nullptr;
  for (auto length = nghttp2_session_mem_send(session_, &bytes); length > 0;
       length = nghttp2_session_mem_send(session_, &bytes))
    all.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  return all;
}

void h2_server::respond(std::int32_t stream, std::string body) {
  requests_[stream].response = std::move(body);
  requests_[stream].response_ends = true;
  submit(stream);
}

void h2_server::respond_without_end(std::int32_t stream, std::string body) {
  requests_[stream].response = std::move(body);
  submit(stream);
}

void h2_server::submit(std::int32_t stream) {
  const std::array fields = {field(":status", "200"), field("server", "test")};
  nghttp2_data_provider provider{};
  provider.read_callback = reports::read_body;
  nghttp2_submit_response(session_, stream, fields.data(), fields.size(), &provider);
}

std::int32_t h2_server::connection_window() const {
  return nghttp2_session_get_remote_window_size(session_);
}

std::int32_t h2_server::stream_window(std::int32_t stream) const {
  return nghttp2_session_get_stream_remote_window_size(session_, stream);
}

}  // namespace warmwire::connection::h2_test

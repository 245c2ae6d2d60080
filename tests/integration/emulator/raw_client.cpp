// A blocking client that sees the wire as it is.
#include "tests/integration/emulator/raw_client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/types.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace warmwire::emulator {
namespace {

[[noreturn]] void fail(const char* step) {
  throw std::system_error(errno, std::generic_category(), step);
}

int keep_session(SSL* tls, SSL_SESSION* session) {
  auto* owner = static_cast<raw_tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
  SSL_SESSION_free(owner->session);
  owner->session = session;
  return 1;
}

// Where the first response in `text` ends; npos when it is not all there.
std::size_t end_of_response(std::string_view text) {
  const auto head = text.find("\r\n\r\n");
  if (head == text.npos) return text.npos;
  const auto body = head + 4;
  const std::string length = header_of(text.substr(0, body), "Content-Length");
  std::size_t end = body;
  if (!length.empty()) {
    end = body + std::stoul(length);
  } else if (header_of(text.substr(0, body), "Transfer-Encoding") == "chunked") {
    const auto last = text.find("\r\n0\r\n\r\n", head + 2);
    if (last == text.npos) return text.npos;
    end = last + 7;
  }
  return end <= text.size() ? end : text.npos;
}

}  // namespace

raw_tls::raw_tls(const std::string& ca_file) : context(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) throw std::runtime_error("cannot load " + ca_file);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_sess_set_new_cb(context, &keep_session);
}

raw_tls::~raw_tls() {
  SSL_SESSION_free(session);
  SSL_CTX_free(context);
}

raw_client::raw_client(std::uint16_t port, raw_tls* tls) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const timeval limit{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls == nullptr) return;
  tls_ = SSL_new(tls->context);
  SSL_set_fd(tls_, socket_);
  SSL_set1_host(tls_, "localhost");
  SSL_ctrl(tls_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>("localhost"));
  if (tls->session != nullptr) SSL_set_session(tls_, tls->session);
  is_connected_ = SSL_connect(tls_) == 1;
}

raw_client::~raw_client() {
  // OpenSSL would take back the session of a connection that was not shut down.
  if (tls_ != nullptr) SSL_set_shutdown(tls_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(tls_);
  ::close(socket_);
}

bool raw_client::is_resumed() const {
  return SSL_session_reused(tls_) == 1;
}

std::string raw_client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls_, &name, &size);
  return {name, name + size};
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (tls_ != nullptr) {
      if (SSL_write_ex(tls_, bytes.data(), bytes.size(), &sent) != 1) return false;
    } else {
      const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0) return false;
      sent = static_cast<std::size_t>(count);
    }
    bytes.remove_prefix(sent);
  }
  return true;
}

bool raw_client::send_some(std::string_view bytes, std::chrono::milliseconds limit) {
  while (!bytes.empty()) {
    pollfd watched{socket_, POLLOUT, 0};
    if (::poll(&watched, 1, static_cast<int>(limit.count())) <= 0) return false;
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

wire_event raw_client::next(std::chrono::milliseconds limit) {
  const bool has_buffered = tls_ != nullptr && SSL_pending(tls_) > 0;
  pollfd watched{socket_, POLLIN, 0};
  if (!has_buffered && ::poll(&watched, 1, static_cast<int>(limit.count())) == 0) return wire_event::silence;
  return read_socket();
}

wire_event raw_client::read_socket() {
  std::array<char, 16384> buffer{};
  errno = 0;
  if (tls_ == nullptr) {
    const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count == 0) return wire_event::fin;
    if (count < 0) return errno == ECONNRESET ? wire_event::reset : wire_event::silence;
    received.append(buffer.data(), static_cast<std::size_t>(count));
    return wire_event::bytes;
  }
  ERR_clear_error();
  std::size_t count = 0;
  const int outcome = SSL_read_ex(tls_, buffer.data(), buffer.size(), &count);
  if (outcome == 1) {
    received.append(buffer.data(), count);
    return wire_event::bytes;
  }
  const int reason = SSL_get_error(tls_, outcome);
  if (reason == SSL_ERROR_ZERO_RETURN) return wire_event::fin;
  if (errno == ECONNRESET) return wire_event::reset;
  return reason == SSL_ERROR_SSL || errno == 0 ? wire_event::bare_fin : wire_event::silence;
}

wire_event raw_client::read_bytes(std::size_t count) {
  auto event = wire_event::bytes;
  while (event == wire_event::bytes && received.size() < count)
    event = next();
  return event;
}

wire_event raw_client::read_to_end(std::chrono::milliseconds limit) {
  auto event = wire_event::bytes;
  while (event == wire_event::bytes)
    event = next(limit);
  return event;
}

std::string raw_client::read_response() {
  std::size_t end = end_of_response(received);
  while (end == std::string::npos) {
    if (next() != wire_event::bytes) return {};
    end = end_of_response(received);
  }
  std::string response = received.substr(0, end);
  received.erase(0, end);
  return response;
}

std::string raw_client::ask(std::string_view request) {
  send(request);
  return read_response();
}

void raw_client::finish() {
  ::shutdown(socket_, SHUT_WR);
}

bool raw_client::waits_for_acknowledgement() {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
    if (info.tcpi_total_retrans > 0) return info.tcpi_unacked > 0;
    // There is no event for a retransmission; this only paces the asking.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chat(std::string_view text) {
  return post("/v1/chat/completions",
              R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":")" + std::string(text) + R"("}]})");
}

std::string body_of(std::string_view response) {
  const auto head = response.find("\r\n\r\n");
  return head == response.npos ? std::string() : std::string(response.substr(head + 4));
}

std::string header_of(std::string_view response, std::string_view name) {
  const std::string line = "\r\n" + std::string(name) + ": ";
  const auto found = response.substr(0, response.find("\r\n\r\n") + 2).find(line);
  if (found == response.npos) return {};
  const auto start = found + line.size();
  return std::string(response.substr(start, response.find("\r\n", start) - start));
}

int status_of(std::string_view response) {
  return response.size() < 12 ? 0 : std::atoi(std::string(response.substr(9, 3)).c_str());
}

}  // namespace warmwire::emulator

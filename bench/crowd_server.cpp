#include "crowd_server.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace warmwire::bench {
namespace {

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using ssl_ptr = std::unique_ptr<SSL, decltype(&SSL_free)>;

int listen_on_loopback(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port = ntohs(address.sin_port);
  return listener;
}

bio_ptr reader_of(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

/// Sends the authority's certificate along, since real servers send two or three.
SSL_CTX* make_context(const emulator::identity& identity, const std::string& authority_pem) {
  SSL_CTX* ctx = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_use_certificate(ctx, PEM_read_bio_X509(reader_of(identity.certificate_pem).get(), nullptr, nullptr, nullptr));
  SSL_CTX_add0_chain_cert(ctx, PEM_read_bio_X509(reader_of(authority_pem).get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(ctx, PEM_read_bio_PrivateKey(reader_of(identity.key_pem).get(), nullptr, nullptr, nullptr));
  return ctx;
}

/// Runs in the child and never returns; its end is the process's.
[[noreturn]] void serve(int listener, SSL_CTX* ctx, std::size_t crowd) {
  std::vector<ssl_ptr> connections;
  while (connections.size() < crowd) {
    auto& ssl = connections.emplace_back(SSL_new(ctx), SSL_free);
    SSL_set_fd(ssl.get(), ::accept(listener, nullptr, nullptr));
    std::array<char, 4096> request{};
    if (SSL_accept(ssl.get()) != 1 || SSL_read(ssl.get(), request.data(), request.size()) <= 0) ::_exit(1);
  }
  const std::string answer = crowd_server::answer();
  for (const auto& ssl : connections)
    SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
  for (;;)
    ::pause();
}

}  // namespace

std::string crowd_server::answer() {
  return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
}

crowd_server::crowd_server(std::size_t crowd) {
  const int listener = listen_on_loopback(port_);
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(listener, make_context(identity_, authority_.pem()), crowd);
  }
  ::close(listener);
  if (process_ < 0) throw std::runtime_error("cannot start a process");
}

crowd_server::~crowd_server() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace warmwire::bench

#include "net/tunnel.hpp"

#include "http/proxy_connect.hpp"
#include "net/socks5.hpp"
#include "text/redactor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace warmwire::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;
using http::proxy_scheme;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_quoted_bytes = 160;

/// Waits for the stream until a deadline. The timer's handler may run when the coroutine has gone on.
class watch : public std::enable_shared_from_this<watch> {
 public:
  enum class outcome : std::uint8_t { ready, expired, cancelled };

  watch(const asio::any_io_executor& executor, stream& on) : timer_(executor), stream_(&on) {}

  void set(clock::time_point deadline) {
    expired_ = false;
    timer_.expires_at(deadline);
    timer_.async_wait([self = shared_from_this(), round = ++round_](const boost::system::error_code& stopped) {
      if (stopped || round != self->round_) return;
      self->expired_ = true;
      boost::system::error_code ignored;
      self->stream_->socket().cancel(ignored);
    });
  }

  void stop() {
    ++round_;
    timer_.cancel();
  }

  /// The stream may not be touched once its owner has it back.
  class stopped_at_end {
   public:
    explicit stopped_at_end(watch& what) : what_(what) {}
    stopped_at_end(const stopped_at_end&) = delete;
    stopped_at_end& operator=(const stopped_at_end&) = delete;
    ~stopped_at_end() { what_.stop(); }

   private:
    watch& what_;
  };

  asio::awaitable<outcome> wait(io_status wanted) {
    if (!expired_) {
      const auto way = wanted == io_status::want_write ? tcp::socket::wait_write : tcp::socket::wait_read;
      co_await stream_->socket().async_wait(way, as_result);
    }
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return outcome::cancelled;
    co_return expired_ ? outcome::expired : outcome::ready;
  }

 private:
  asio::steady_timer timer_;
  stream* stream_;
  std::uint64_t round_ = 0;
  bool expired_ = false;
};

using watch_ptr = std::shared_ptr<watch>;

std::string name_of(const http::proxy& proxy) {
  return std::string("the proxy ").append(proxy.to_string());
}

error failed(errc code, std::string message) {
  return {.code = code, .phase = phase::proxy, .message = std::move(message)};
}

/// What a proxy said, fit for a message: it may echo what it was sent.
std::string quoted(std::string_view text, const http::proxy& proxy) {
  text::redactor redact;
  if (proxy.credentials) {
    redact.add(proxy.credentials->password);
    redact.add(secret(proxy.credentials->user));
    redact.add(secret(proxy.credentials->user + ':' + proxy.credentials->password.reveal()));  // in base64, too
  }
  return redact.shown(text, max_quoted_bytes);
}

/// Why no tunnel was opened: "the proxy … did not open a tunnel to …: …".
error not_opened(const tunnel_request& request, errc code, std::string_view why) {
  auto message = name_of(*request.proxy.server).append(" did not open a tunnel to ").append(to_string(request.target));
  return failed(code, message.append(why));
}

/// Why waiting for the proxy has ended.
error gave_up(const tunnel_request& request, watch::outcome how) {
  if (how == watch::outcome::cancelled) {
    auto message = std::string("connecting to ").append(to_string(request.target)).append(" through ");
    return failed(errc::cancelled, message.append(name_of(*request.proxy.server)).append(" was cancelled"));
  }
  const auto limit = std::to_string(request.connect_timeout.count());
  return not_opened(request, errc::connect_timeout, std::string(" within ").append(limit).append(" ms"));
}

/// The client's half of CONNECT, in the shape of `socks5_handshake`.
class connect_handshake {
 public:
  explicit connect_handshake(const tunnel_request& request)
      : proxy_(*request.proxy.server),
        output_(http::encode({.authority = to_string(request.target),
                              .user_agent = request.proxy.user_agent,
                              .credentials = request.proxy.server->credentials})) {}

  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  [[nodiscard]] bool has_begun() const noexcept { return answer_.has_begun(); }

  [[nodiscard]] result<bool> feed(std::string_view bytes) {
    const auto fed = answer_.feed(bytes);
    if (!fed || !*fed || answer_.is_success()) return fed;
    return answer_.status() == 407 ? unauthorized() : refusal(errc::proxy_failed, {});
  }

 private:
  error refusal(errc code, std::string_view meaning) const {
    auto text = std::to_string(answer_.status());
    if (!answer_.reason().empty()) text.append(" ").append(quoted(answer_.reason(), proxy_));
    error reason = failed(code, std::move(text.append(meaning)));
    reason.http_status = answer_.status();
    return reason;
  }

  error unauthorized() const {
    std::string meaning = proxy_.credentials ? ", it rejects the credentials" : ", it wants credentials";
    std::string offers;
    for (const auto& challenge : answer_.challenges())
      offers.append(offers.empty() ? "" : ", ").append(challenge);
    if (!offers.empty()) meaning.append("; it offers ").append(quoted(std::move(offers), proxy_));
    return refusal(errc::proxy_authentication, meaning);
  }

  const http::proxy& proxy_;
  std::string output_;
  http::connect_answer answer_;
};

template <class Handshake>
error ended(const tunnel_request& request, const Handshake& talk, const io_result& how) {
  std::string why = how.status == io_status::end ? ": it closed the connection" : ": the connection broke";
  why.append(talk.has_begun() ? " in the middle of its answer" : " before it answered");
  if (how.reason) why.append(": ").append(how.reason.message());
  return not_opened(request, errc::proxy_failed, why);
}

template <class Handshake>
asio::awaitable<result<void>> converse(stream& over, const tunnel_request& request, watch_ptr waiting, Handshake talk) {
  std::array<char, 4096> buffer{};
  std::string output = talk.take_output();
  for (;;) {
    const bool writes = !output.empty();
    const io_result step = writes ? over.try_write(output) : over.try_read(buffer);
    if (step.status == io_status::done && writes) {
      output.erase(0, step.bytes);
    } else if (step.status == io_status::done) {
      const auto opened = talk.feed({buffer.data(), step.bytes});
      if (!opened) {
        error why = not_opened(request, opened.error().code, ": " + opened.error().message);
        why.http_status = opened.error().http_status;
        co_return why;
      }
      if (*opened) co_return result<void>();
      output = talk.take_output();
    } else if (step.status == io_status::want_read || step.status == io_status::want_write) {
      const auto outcome = co_await waiting->wait(step.status);
      if (outcome != watch::outcome::ready) co_return gave_up(request, outcome);
    } else if (writes) {
      output.clear();  // it takes no more, but may have said why
    } else {
      co_return ended(request, talk, step);
    }
  }
}

asio::awaitable<result<void>> shake_hands(stream& over, const tunnel_request& request, watch_ptr waiting) {
  const http::proxy& proxy = *request.proxy.server;
  const auto limit = clock::now() + request.tls_timeout;
  over.start_proxy_tls(*request.proxy.tls, proxy.host, proxy.to_string());
  waiting->set(std::min(limit, request.deadline));
  for (;;) {
    const io_result step = over.try_handshake();
    if (step.status == io_status::done) break;
    if (step.status == io_status::end || step.status == io_status::failed) {
      error why = on_the_way_to(proxy, over.handshake_error());
      why.phase = phase::proxy;
      co_return why;
    }
    const auto outcome = co_await waiting->wait(step.status);
    if (outcome == watch::outcome::expired && limit < request.deadline) {
      auto message = std::string("the TLS handshake with ").append(name_of(proxy)).append(" did not end within ");
      co_return failed(errc::tls_timeout, message.append(std::to_string(request.tls_timeout.count())).append(" ms"));
    }
    if (outcome != watch::outcome::ready) co_return gave_up(request, outcome);
  }
  co_return result<void>();
}

asio::awaitable<result<void>> open_in_steps(stream& over, const tunnel_request& request, watch_ptr waiting) {
  const http::proxy& proxy = *request.proxy.server;
  if (proxy.scheme == proxy_scheme::https) {
    auto shaken = co_await shake_hands(over, request, waiting);
    if (!shaken) co_return shaken;
  }
  waiting->set(request.deadline);
  if (proxy.scheme == proxy_scheme::http || proxy.scheme == proxy_scheme::https) {
    connect_handshake connect(request);
    co_return co_await converse(over, request, waiting, std::move(connect));
  }
  socks5_handshake socks(request.target, proxy.credentials);
  co_return co_await converse(over, request, waiting, std::move(socks));
}

}  // namespace

host_port first_hop(const proxy_route& proxy, const host_port& target) {
  return proxy ? host_port{.host = proxy.server->host, .port = proxy.server->port} : target;
}

bool wants_address(const proxy_route& proxy) {
  return proxy && proxy.server->scheme == proxy_scheme::socks5;
}

error on_the_way_to(const http::proxy& proxy, error why) {
  why.message = name_of(proxy).append(": ").append(why.message);
  return why;
}

asio::awaitable<result<void>> open_tunnel(stream& over, tunnel_request request) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<watch>(executor, over);
  const watch::stopped_at_end ends(*waiting);
  co_return co_await open_in_steps(over, request, waiting);
}

}  // namespace warmwire::net

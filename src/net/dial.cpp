#include "net/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace warmwire::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds default_user_timeout{30'000};
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What the coroutine of a dial shares with handlers that may run when it is gone: those of the timer and of a lookup,
/// which cannot be interrupted.
class dial_state : public std::enable_shared_from_this<dial_state> {
 public:
  dial_state(const asio::any_io_executor& executor, dial_request asked)
      : request(std::move(asked)),
        hop(first_hop(request.proxy, request.target)),
        resolver(executor),
        timer(executor),
        socket(executor) {}

  /// Ends the waits on the socket at `deadline`. It may pass while the coroutine is about to run, so `has_expired` is
  /// asked before each wait and after it.
  void watch(clock::time_point deadline) {
    expired_ = false;
    timer.expires_at(deadline);
    timer.async_wait([self = shared_from_this(), round = ++round_](const boost::system::error_code& stopped) {
      if (stopped || round != self->round_) return;
      self->expired_ = true;
      boost::system::error_code ignored;
      (self->connected ? self->connected->socket() : self->socket).cancel(ignored);
    });
  }

  void stop_watching() {
    ++round_;
    timer.cancel();
  }

  [[nodiscard]] bool has_expired() const noexcept { return expired_; }

  dial_request request;
  const host_port hop;  ///< what the socket connects to
  tcp::resolver resolver;
  asio::steady_timer timer;
  tcp::socket socket;  ///< while it connects
  std::optional<net::stream> connected{};

  struct answer {
    boost::system::error_code failure;
    tcp::resolver::results_type found;
  };
  std::optional<answer> lookup{};

 private:
  std::uint64_t round_ = 0;
  bool expired_ = false;
};

using state_ptr = std::shared_ptr<dial_state>;
using endpoints = std::vector<tcp::endpoint>;

error failure(errc code, phase where, std::string message) {
  return {.code = code, .phase = where, .message = std::move(message)};
}

error cancelled(phase where, const host_port& target) {
  return failure(errc::cancelled, where, "connecting to " + to_string(target) + " was cancelled");
}

std::string within(milliseconds limit) {
  return " within " + std::to_string(limit.count()) + " ms";
}

asio::awaitable<bool> is_cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

void start_lookup(const state_ptr& state, const host_port& target) {
  state->lookup.reset();
  const auto flags = tcp::resolver::numeric_service | tcp::resolver::address_configured;
  state->resolver.async_resolve(target.host, std::to_string(target.port), flags,
                                [state](const boost::system::error_code& failed, tcp::resolver::results_type found) {
                                  state->lookup = dial_state::answer{.failure = failed, .found = std::move(found)};
                                  state->timer.cancel();
                                });
}

asio::awaitable<result<endpoints>> look_up(state_ptr state, host_port target, clock::time_point deadline) {
  if (auto known = endpoints_without_lookup(target); !known.empty()) co_return known;
  // The timer is both the time limit and what the answer wakes.
  state->timer.expires_at(deadline);
  start_lookup(state, target);
  co_await state->timer.async_wait(as_result);
  if (co_await is_cancelled()) co_return cancelled(phase::resolve, target);
  if (!state->lookup) {
    co_return failure(errc::connect_timeout, phase::resolve,
                      "the name " + target.host + " was not resolved" + within(state->request.connect_timeout));
  }
  if (state->lookup->failure) {
    co_return failure(errc::resolve_failed, phase::resolve,
                      "cannot resolve " + target.host + ": " + state->lookup->failure.message());
  }
  endpoints found;
  for (const auto& entry : state->lookup->found)
    found.push_back(entry.endpoint());
  co_return found;
}

/// TCP lets a socket connect to itself when the port it aims at is free and happens to be given to it.
bool is_connected_to_itself(const tcp::socket& socket) {
  boost::system::error_code ignored;
  return socket.local_endpoint(ignored) == socket.remote_endpoint(ignored);
}

void set_option(tcp::socket& socket, int level, int name, int value) {
  // Not checked: a connection without probes is still a connection.
  ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
}

void set_keep_alive(tcp::socket& socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

/// Connects to one address before `deadline`; the error is the system's, or `timed_out`.
asio::awaitable<boost::system::error_code> try_address(state_ptr state, tcp::endpoint address,
                                                       clock::time_point deadline) {
  state->socket = tcp::socket(state->socket.get_executor());
  state->watch(deadline);
  auto [failed] = co_await state->socket.async_connect(address, as_result);
  state->stop_watching();
  if (state->has_expired()) co_return asio::error::timed_out;
  if (!failed && is_connected_to_itself(state->socket)) co_return asio::error::connection_refused;
  co_return failed;
}

/// When to give up on an address, so that those after it get their turn.
clock::time_point turn_of(std::size_t addresses_left, clock::time_point deadline, clock::duration least) {
  const auto now = clock::now();
  const auto share = (deadline - now) / static_cast<clock::rep>(addresses_left);
  return std::min(deadline, now + std::max(share, least));
}

asio::awaitable<result<tcp::endpoint>> connect(state_ptr state, endpoints addresses, clock::time_point deadline) {
  const host_port& target = state->hop;
  std::string reasons;
  bool out_of_time = false;
  for (std::size_t i = 0; i < addresses.size() && !out_of_time; ++i) {
    const auto turn = turn_of(addresses.size() - i, deadline, state->request.min_address_share);
    const auto failed = co_await try_address(state, addresses[i], turn);
    if (co_await is_cancelled()) co_return cancelled(phase::connect, target);
    if (!failed) co_return addresses[i];
    const bool is_silent = failed == asio::error::timed_out;
    reasons += (reasons.empty() ? ": " : "; ") + to_string(addresses[i]) + ": ";
    reasons += is_silent ? "no answer" : failed.message();
    out_of_time = clock::now() >= deadline;
  }
  const std::string what = "cannot connect to " + to_string(target);
  if (!out_of_time) co_return failure(errc::connect_failed, phase::connect, what + reasons);
  co_return failure(errc::connect_timeout, phase::connect, what + within(state->request.connect_timeout) + reasons);
}

asio::awaitable<result<void>> shake_hands(state_ptr state) {
  const dial_request& request = state->request;
  const std::string& name = request.tls->options().server_name;
  net::stream& stream = *state->connected;
  stream.start_tls(*request.tls, name.empty() ? request.target.host : name, request.session_key);
  state->watch(clock::now() + request.tls_timeout);
  for (;;) {
    const io_result step = stream.try_handshake();
    if (step.status == io_status::done) break;
    if (step.status == io_status::end || step.status == io_status::failed) co_return stream.handshake_error();
    const bool for_reading = step.status == io_status::want_read;
    if (!state->has_expired()) {
      co_await stream.socket().async_wait(for_reading ? tcp::socket::wait_read : tcp::socket::wait_write, as_result);
    }
    if (co_await is_cancelled()) co_return cancelled(phase::tls, request.target);
    if (state->has_expired()) {
      co_return failure(
          errc::tls_timeout, phase::tls,
          "the TLS handshake with " + to_string(request.target) + " did not end" + within(request.tls_timeout));
    }
  }
  state->stop_watching();
  co_return result<void>{};
}

/// Of the target as the proxy wants to hear it. A proxy may lack IPv6, hardly ever IPv4.
asio::awaitable<result<host_port>> name_for_proxy(state_ptr state, clock::time_point deadline) {
  const dial_request& request = state->request;
  if (!wants_address(request.proxy)) co_return request.target;
  const auto addresses = co_await look_up(state, request.target, deadline);
  if (!addresses) co_return addresses.error();
  const auto v4 = std::find_if(addresses->begin(), addresses->end(), [](const auto& e) { return e.address().is_v4(); });
  const auto& named = v4 != addresses->end() ? *v4 : addresses->front();
  co_return host_port{.host = named.address().to_string(), .port = request.target.port};
}

asio::awaitable<result<void>> pass_proxy(state_ptr state, host_port target, clock::time_point deadline) {
  const dial_request& request = state->request;
  if (!request.proxy) co_return result<void>{};
  tunnel_request through{.proxy = request.proxy,
                         .target = std::move(target),
                         .deadline = deadline,
                         .connect_timeout = request.connect_timeout,
                         .tls_timeout = request.tls_timeout};
  co_return co_await open_tunnel(*state->connected, std::move(through));
}

error on_the_way(const dial_request& request, const error& why) {
  return request.proxy ? on_the_way_to(*request.proxy.server, why) : why;
}

asio::awaitable<result<dialed>> dial_in_steps(state_ptr state) {
  const auto since = [](clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - start);
  };
  if (co_await is_cancelled()) co_return cancelled(phase::resolve, state->request.target);
  const auto begun = clock::now();
  const auto deadline = begun + state->request.connect_timeout;
  const auto target = co_await name_for_proxy(state, deadline);
  if (!target) co_return target.error();
  auto addresses = co_await look_up(state, state->hop, deadline);
  if (!addresses) co_return on_the_way(state->request, addresses.error());
  const auto resolve_time = since(begun);

  const auto connect_begun = clock::now();
  const auto address = co_await connect(state, std::move(*addresses), deadline);
  if (!address) co_return on_the_way(state->request, address.error());
  set_keep_alive(state->socket);
  state->connected.emplace(std::move(state->socket));
  state->connected->set_user_timeout(default_user_timeout);
  const auto passed = co_await pass_proxy(state, *target, deadline);
  if (!passed) co_return passed.error();
  const auto connect_time = since(connect_begun);

  const auto tls_begun = clock::now();
  if (state->request.tls != nullptr) {
    const auto shaken = co_await shake_hands(state);
    state->stop_watching();
    if (!shaken) co_return shaken.error();
  }
  co_return dialed{.stream = std::move(*state->connected),
                   .remote_address = to_string(*address),
                   .resolve = resolve_time,
                   .connect = connect_time,
                   .tls = state->request.tls != nullptr ? since(tls_begun) : std::chrono::microseconds{}};
}

}  // namespace

asio::awaitable<result<dialed>> dial(dial_request request) {
  // A cancelled coroutine would get an exception at its next co_await; here it gets a result.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto state = std::make_shared<dial_state>(executor, std::move(request));
  auto outcome = co_await dial_in_steps(std::move(state));
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

}  // namespace warmwire::net

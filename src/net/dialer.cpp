#include "net/dialer.hpp"

#include "net/connect_race.hpp"
#include "net/handshake.hpp"
#include "net/is_cancelled.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <span>
#include <sys/socket.h>
#include <utility>

namespace warmwire::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using fate = race_outcome::fate;

namespace {

constexpr milliseconds default_user_timeout{30'000};

/// All are tried, but an error is to be read by people.
constexpr std::size_t max_named_addresses = 16;

microseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
}

error cancelled(phase where, const host_port& target) {
  return {.code = errc::cancelled, .phase = where, .message = "connecting to " + to_string(target) + " was cancelled"};
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

std::string reason_of(const race_outcome::attempt& attempt) {
  if (attempt.fate == fate::untried) return "not tried";
  return attempt.fate == fate::failed ? attempt.why.message() : "no answer";
}

error nothing_connected(const dial_request& request, const race_outcome& race) {
  std::string message("cannot connect to ");
  message.append(to_string(first_hop(request.proxy, request.target)));
  if (race.is_out_of_time) {
    message.append(" within ").append(std::to_string(request.connect_timeout.count())).append(" ms");
  }
  std::string_view separator = ": ";
  for (const auto& attempt : std::span(race.attempts).first(std::min(race.attempts.size(), max_named_addresses))) {
    message.append(separator).append(to_string(attempt.address)).append(": ").append(reason_of(attempt));
    separator = "; ";
  }
  if (race.attempts.size() > max_named_addresses) {
    message.append("; and ").append(std::to_string(race.attempts.size() - max_named_addresses)).append(" others");
  }
  const auto code = race.is_out_of_time ? errc::connect_timeout : errc::connect_failed;
  return {.code = code, .phase = phase::connect, .message = std::move(message)};
}

/// This machine has run out of something, which says nothing of the address.
bool is_our_own_lack(const boost::system::error_code& why) {
  constexpr std::array lacks{boost::system::errc::too_many_files_open,
                             boost::system::errc::too_many_files_open_in_system, boost::system::errc::no_buffer_space,
                             boost::system::errc::not_enough_memory, boost::system::errc::address_not_available};
  return std::ranges::any_of(lacks, [&](auto lack) { return why == lack; });
}

handshake_request handshake_of(const dial_request& request) {
  return {.target = request.target,
          .tls = request.tls,
          .session_key = request.session_key,
          .alpn = request.alpn,
          .timeout = request.tls_timeout};
}

/// The handshake came to an end that another address of the host might not come to.
bool is_blamed_on_address(const error& why) {
  return why.code != errc::cancelled && why.code != errc::protocol_unavailable;
}

}  // namespace

struct dialer::connection {
  tcp::socket socket;
  tcp::endpoint address;
  microseconds resolve{};
  microseconds connect{};
};

dialer::dialer(const asio::any_io_executor& executor, dialer_options options)
    : now_(options.now),
      names_(std::make_shared<name_lookup>(
          executor, options.dns, options.resolve ? lookup_source{.ask = std::move(options.resolve)} : system_source(),
          options.now)) {}

dialer::~dialer() {
  shut_down();
}

void dialer::network_changed() {
  names_->forget();
  routes_.forget();
}

void dialer::shut_down() {
  names_->shut_down();
}

void dialer::learn(const race_outcome& race) {
  for (const auto& attempt : race.attempts) {
    const bool has_failed = attempt.fate == fate::failed && !is_our_own_lack(attempt.why);
    if (has_failed || attempt.fate == fate::silent) routes_.failed(attempt.address, now_());
  }
}

asio::awaitable<result<dialer::connection>> dialer::connect(const dial_request& request) {
  const auto begun = steady_clock::now();
  const host_port hop = first_hop(request.proxy, request.target);
  endpoints known = endpoints_without_lookup(hop);
  const bool is_looked_up = known.empty();
  microseconds resolve_time{};
  if (is_looked_up) {
    name_lookup::question asked{.host = hop.host, .begun = begun, .limit = request.connect_timeout};
    auto answer = co_await name_lookup::look_up(names_, std::move(asked));
    if (!answer) co_return answer.error();
    for (const auto& address : answer->found)
      known.emplace_back(address, hop.port);
    if (answer->is_new) resolve_time = since(begun);
  }
  known = routes_.ordered(known, now_());

  const auto connect_begun = steady_clock::now();
  const auto count = static_cast<milliseconds::rep>(known.size());
  race_rules rules{.addresses = std::move(known),
                   .stagger = std::min(request.connect_stagger, request.connect_timeout / count),
                   .deadline = begun + request.connect_timeout};
  auto outcome = co_await race(std::move(rules));
  const bool was_cancelled = co_await is_cancelled();
  if (was_cancelled) co_return cancelled(phase::connect, request.target);
  learn(outcome);
  if (!outcome.connected) {
    if (is_looked_up) names_->distrust(hop.host);
    co_return nothing_connected(request, outcome);
  }
  const auto winner = std::ranges::find(outcome.attempts, fate::won, &race_outcome::attempt::fate);
  co_return connection{.socket = std::move(*outcome.connected),
                       .address = winner->address,
                       .resolve = resolve_time,
                       .connect = since(connect_begun)};
}

/// Of the target as the proxy wants to hear it. A proxy may lack IPv6, hardly ever IPv4.
asio::awaitable<result<host_port>> dialer::name_for_proxy(const dial_request& request, steady_clock::time_point begun) {
  if (!wants_address(request.proxy)) co_return request.target;
  std::vector<asio::ip::address> known_as;
  for (const auto& known : endpoints_without_lookup(request.target))
    known_as.push_back(known.address());
  if (known_as.empty()) {
    name_lookup::question asked{.host = request.target.host, .begun = begun, .limit = request.connect_timeout};
    auto answer = co_await name_lookup::look_up(names_, std::move(asked));
    if (!answer) co_return answer.error();
    known_as.assign(answer->found.begin(), answer->found.end());
  }
  const auto v4 = std::ranges::find_if(known_as, [](const auto& each) { return each.is_v4(); });
  const auto& named = v4 != known_as.end() ? *v4 : known_as.front();
  co_return host_port{.host = named.to_string(), .port = request.target.port};
}

asio::awaitable<result<void>> dialer::pass_proxy(const dial_request& request, stream& over,
                                                 steady_clock::time_point begun) {
  auto target = co_await name_for_proxy(request, begun);
  if (!target) co_return target.error();
  tunnel_request through{.proxy = request.proxy,
                         .target = std::move(*target),
                         .deadline = begun + request.connect_timeout,
                         .connect_timeout = request.connect_timeout,
                         .tls_timeout = request.tls_timeout};
  co_return co_await open_tunnel(over, std::move(through));
}

asio::awaitable<result<dialed>> dialer::dial_in_steps(const dial_request& request) {
  const bool was_cancelled = co_await is_cancelled();
  if (was_cancelled) co_return cancelled(phase::resolve, request.target);
  const auto begun = steady_clock::now();
  auto reached = co_await connect(request);
  if (!reached) co_return request.proxy ? on_the_way_to(*request.proxy.server, reached.error()) : reached.error();
  set_keep_alive(reached->socket);
  dialed made{.stream = stream(std::move(reached->socket)),
              .remote_address = to_string(reached->address),
              .protocol = request.alpn.empty() ? protocol::http1 : request.alpn.front(),
              .resolve = reached->resolve,
              .connect = reached->connect};
  made.stream.set_user_timeout(default_user_timeout);
  if (request.proxy) {
    const auto tunnel_begun = steady_clock::now();
    const auto passed = co_await pass_proxy(request, made.stream, begun);
    if (!passed) co_return passed.error();
    made.connect += since(tunnel_begun);
  }
  if (request.tls != nullptr) {
    const auto tls_begun = steady_clock::now();
    auto handshake = handshake_of(request);
    const auto agreed = co_await shake_hands(made.stream, std::move(handshake));
    if (!agreed) {
      if (!request.proxy && is_blamed_on_address(agreed.error())) routes_.failed(reached->address, now_());
      co_return agreed.error();
    }
    made.protocol = *agreed;
    made.tls = since(tls_begun);
  }
  routes_.succeeded(reached->address);
  co_return made;
}

asio::awaitable<result<dialed>> dialer::dial(dial_request request) {
  // A cancelled coroutine would get an exception at its next co_await; here it gets a result.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto outcome = co_await dial_in_steps(request);
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

}  // namespace warmwire::net

// The server: its thread, its socket, its certificate.
#include "emulator/emulator.hpp"

#include "emulator/certificates.hpp"
#include "emulator/session.hpp"
#include "emulator/temporary_directory.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace warmwire::emulator {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto accept_pause = std::chrono::milliseconds(20);

// What makes a TLS server trustworthy to those who are given its authority.
struct tls_identity {
  tls_identity(const certificate_request& names, protocol_choice protocols)
      : settings(issuer.issue(names), protocols), ca_file(directory.write("ca.pem", issuer.pem())) {}

  authority issuer;
  tls_settings settings;
  temporary_directory directory;
  std::string ca_file;
};

void require_option(bool is_allowed, const char* message) {
  if (!is_allowed) throw std::invalid_argument(std::string("emulator options: ") + message);
}

emulator_options checked(emulator_options options) {
  using std::chrono::seconds;
  require_option(options.latency.count() >= 0, "latency is negative; allowed: 0 and more");
  require_option(options.rtt.count() >= 0 && options.rtt <= seconds(60), "rtt is out of range; allowed: 0 to 60 s");
  require_option(!options.keep_alive || *options.keep_alive >= seconds(1),
                 "keep_alive is too short; allowed: 1 s and more");
  require_option(!options.max_requests_per_connection || *options.max_requests_per_connection >= 1,
                 "max_requests_per_connection is 0; allowed: 1 and more");
  require_option(options.max_concurrent_streams <= max_stream_id,
                 "max_concurrent_streams is out of range; allowed: 0 to 2147483647");
  return options;
}

bool is_spoken(http_version version, protocol_choice spoken) {
  return spoken == protocol_choice::both || (version == http_version::http1) == (spoken == protocol_choice::http1);
}

// A script whose rules are sound may still ask for what this server cannot do.
void check_for_server(const script& rules, const emulator_options& options) {
  for (const rule& each : rules.rules) {
    for (const action& done : each.actions) {
      const auto* end = std::get_if<fault::end>(&done);
      if (end != nullptr && end->when == fault::moment::handshake && !options.tls) {
        throw std::invalid_argument("fault script: in handshake needs a server with TLS");
      }
      const auto version = only_version(done);
      if (version && !is_spoken(*version, options.protocols)) {
        throw std::invalid_argument(*version == http_version::http2
                                        ? "fault script: an action for HTTP/2 only, and the server speaks HTTP/1.1 only"
                                        : "fault script: http or malformed, and the server speaks HTTP/2 only");
      }
    }
  }
}

// Boost's exception is not the standard library's.
template <class Step>
void or_throw(const char* what, Step step) {
  error_code failure;
  step(failure);
  if (failure) throw std::system_error(failure.value(), std::system_category(), what);
}

asio::ip::address parse_address(const std::string& text) {
  error_code failure;
  const auto address = asio::ip::make_address(text, failure);
  if (failure) throw std::invalid_argument("emulator options: address '" + text + "' is not an IP address");
  return address;
}

// The name that the clients of this machine reach the address by.
std::string url_host(const asio::ip::address& address) {
  if (address.is_v4() && (address.is_unspecified() || address == asio::ip::address_v4::loopback())) return "localhost";
  if (address.is_v6()) return "[" + (address.is_unspecified() ? std::string("::1") : address.to_string()) + "]";
  return address.to_string();
}

certificate_request names_for(const asio::ip::address& address) {
  certificate_request request;
  const std::string text = address.to_string();
  if (!address.is_unspecified() && std::find(request.names.begin(), request.names.end(), text) == request.names.end()) {
    request.names.push_back(text);
  }
  return request;
}

}  // namespace

class server::state {
 public:
  explicit state(emulator_options options);
  ~state();
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  const emulator_options options;
  const asio::ip::address address;
  std::optional<tls_identity> identity;
  recorder records;
  script_book faults;
  std::uint16_t port = 0;

 private:
  asio::awaitable<void> accept();

  // On the thread only.
  session_surroundings shared_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  std::thread thread_;
};

server::state::state(emulator_options given)
    : options(checked(std::move(given))),
      address(parse_address(options.address)),
      faults(options.script),
      shared_{.options = options, .records = records, .faults = faults} {
  check_for_server(options.script, options);
  if (options.tls) shared_.tls = &identity.emplace(names_for(address), options.protocols).settings;
  const tcp::endpoint endpoint(address, options.port);
  or_throw("open a socket", [&](error_code& failure) { acceptor_.open(endpoint.protocol(), failure); });
  or_throw("reuse the address",
           [&](error_code& failure) { acceptor_.set_option(asio::socket_base::reuse_address(true), failure); });
  or_throw("bind the address", [&](error_code& failure) { acceptor_.bind(endpoint, failure); });
  or_throw("listen",
           [&](error_code& failure) { acceptor_.listen(asio::socket_base::max_listen_connections, failure); });
  port = acceptor_.local_endpoint().port();
  asio::co_spawn(context_, accept(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

server::state::~state() {
  context_.stop();
  thread_.join();
  // They need the context, and it goes before what they are kept in.
  shared_.vanished.clear();
}

asio::awaitable<void> server::state::accept() {
  constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
  asio::steady_timer pause(context_);
  while (true) {
    auto [failure, socket] = co_await acceptor_.async_accept(as_result);
    if (!failure) {
      asio::co_spawn(context_, serve(std::move(socket), shared_), asio::detached);
      continue;
    }
    // Out of file descriptors, most likely: there may be some when a connection has ended.
    pause.expires_after(accept_pause);
    co_await pause.async_wait(as_result);
  }
}

server::server(emulator_options options) : state_(std::make_unique<state>(std::move(options))) {}

server::~server() = default;

std::uint16_t server::port() const {
  return state_->port;
}

std::string server::origin() const {
  return (state_->options.tls ? "https://" : "http://") + url_host(state_->address) + ":" +
         std::to_string(state_->port);
}

std::string server::base_url() const {
  return origin() + "/v1";
}

std::string server::ca_file() const {
  return state_->identity ? state_->identity->ca_file : std::string();
}

report server::report() const {
  return state_->records.snapshot();
}

id_counts server::take_ids() {
  return state_->records.take_ids();
}

void server::set_script(emulator::script script) {
  check_for_server(script, state_->options);
  state_->faults.replace(std::move(script));
}

bool server::wait_for(const std::function<bool(const emulator::report&)>& condition, std::chrono::milliseconds limit) {
  return state_->records.wait_for(condition, limit);
}

}  // namespace warmwire::emulator

// One connection from accept to end. A long file: the steps of one conversation are told in one place, in their
// order.
#include "emulator/session.hpp"

#include "emulator/channel.hpp"
#include "emulator/connection_end.hpp"
#include "emulator/idle_plan.hpp"
#include "emulator/openai_error.hpp"
#include "emulator/request_reader.hpp"
#include "emulator/routes.hpp"
#include "emulator/wire_form.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace warmwire::emulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using fault::moment;
using std::chrono::steady_clock;

namespace {

class session {
 public:
  session(asio::ip::tcp::socket socket, session_surroundings& shared)
      : shared_(shared),
        number_(shared.records.on_connected()),
        channel_(std::make_shared<delay_line>(std::move(socket), shared.options.rtt), shared.tls),
        reader_(channel_),
        idle_(shared.options.keep_alive) {}
  ~session() { shared_.records.on_closed(number_, "server"); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  asio::awaitable<void> run();

 private:
  asio::awaitable<bool> open();
  asio::awaitable<bool> serve_request();
  asio::awaitable<bool> wait_for_request();
  asio::awaitable<bool> on_idle_time();
  asio::awaitable<bool> read_request();
  asio::awaitable<bool> finish_request();
  asio::awaitable<bool> respond();
  asio::awaitable<bool> send_interims();
  asio::awaitable<bool> send_raw();
  asio::awaitable<bool> send(answer said);
  asio::awaitable<bool> write(std::string_view bytes);
  asio::awaitable<void> refuse(error_code failure);

  [[nodiscard]] answer make_answer();
  [[nodiscard]] bool is_last_answer() const;
  [[nodiscard]] bool has_wrong_host() const;
  void record(bool is_complete);
  bool on_client_end(error_code failure);
  [[nodiscard]] ending_connection ending() { return {channel_, reader_, shared_.records, number_, shared_.vanished}; }

  session_surroundings& shared_;
  const std::uint64_t number_;
  channel channel_;
  request_reader reader_;

  std::uint64_t requests_ = 0;
  bool is_closing_ = false;  ///< the answer sent last was announced to be the last

  // The request being served.
  request request_;
  std::uint64_t request_number_ = 0;
  behaviour behaviour_;
  bool is_recorded_ = false;
  std::string out_;

  idle_plan idle_;
};

asio::awaitable<void> session::run() {
  channel_.line().start();
  bool goes_on = co_await open();
  while (goes_on)
    goes_on = co_await serve_request();
}

asio::awaitable<bool> session::open() {
  const auto fault = shared_.faults.on_connection(number_);
  if (fault) {
    if (fault->when == moment::handshake) {
      std::array<char, 4096> hello{};
      co_await channel_.line().read_some(hello);
    }
    co_await end_by_fault(ending(), *fault);
    co_return false;
  }
  const std::string failure = co_await channel_.handshake();
  if (!failure.empty()) {
    co_await channel_.line().end(line_end::close);
    shared_.records.on_ending(number_, "handshake failed: " + failure);
    co_return false;
  }
  if (channel_.is_resumed()) shared_.records.on_resumed(number_);
  idle_.begin(steady_clock::now(), {});
  co_return true;
}

asio::awaitable<bool> session::serve_request() {
  const bool is_coming = co_await wait_for_request();
  if (!is_coming) co_return false;
  const bool is_wanted = co_await read_request();
  if (!is_wanted) co_return false;
  if (!behaviour_.is_early) {
    const bool is_whole = co_await finish_request();
    if (!is_whole) co_return false;
  }
  const bool is_answered = co_await respond();
  if (!is_answered) co_return false;
  if (behaviour_.is_early) {
    const bool is_whole = co_await finish_request();
    if (!is_whole) co_return false;
  }
  if (is_closing_) {
    co_await end_in_order(ending(), unread_bytes::none, "server");
    co_return false;
  }
  idle_.begin(steady_clock::now(), behaviour_);
  co_return true;
}

// --- between requests ---

asio::awaitable<bool> session::wait_for_request() {
  while (idle_.is_due_at_once() || !reader_.has_bytes()) {
    error_code failure = asio::error::timed_out;
    if (!idle_.is_due_at_once()) failure = co_await reader_.fill(idle_.deadline());
    if (failure == asio::error::timed_out) {
      const bool goes_on = co_await on_idle_time();
      if (!goes_on) co_return false;
    } else if (failure) {
      co_return on_client_end(failure);
    }
  }
  co_return true;
}

asio::awaitable<bool> session::on_idle_time() {
  const idle_plan::step step = idle_.take();
  if (const auto* stray = std::get_if<fault::stray>(&step)) {
    const bool is_sent = co_await write(stray->bytes);
    co_return is_sent;
  }
  if (const auto* end = std::get_if<fault::end>(&step)) {
    co_await end_by_fault(ending(), *end);
  } else {
    co_await end_in_order(ending(), unread_bytes::none, "server keep-alive");
  }
  co_return false;
}

// --- a request ---

asio::awaitable<bool> session::read_request() {
  error_code failure = co_await reader_.read_head(request_);
  if (!failure && has_wrong_host()) failure = http::error::bad_field;
  if (failure) {
    co_await refuse(failure);
    co_return false;
  }
  is_recorded_ = false;
  request_number_ = shared_.records.next_request_number();
  behaviour_ = shared_.faults.on_request({.request = request_number_,
                                          .connection = number_,
                                          .connection_request = ++requests_,
                                          .target = request_.target});
  if (behaviour_.ends_at(moment::after_head)) {
    record(false);
    co_await end_by_fault(ending(), *behaviour_.end);
    co_return false;
  }
  const std::string* expectation = request_.find("expect");
  const bool is_waited_for = expectation != nullptr && boost::beast::iequals(*expectation, "100-continue");
  if (!is_waited_for || behaviour_.is_early) co_return true;
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const bool is_sent = co_await write(go_on);
  co_return is_sent;
}

bool session::has_wrong_host() const {
  const auto hosts = std::count_if(request_.headers.begin(), request_.headers.end(),
                                   [](const auto& field) { return boost::beast::iequals(field.first, "host"); });
  return hosts > 1 || (hosts == 0 && request_.minor_version >= 1);  // RFC 9112 §3.2
}

asio::awaitable<bool> session::finish_request() {
  const error_code failure = co_await reader_.read_body();
  record(!failure);
  if (failure) co_await refuse(failure);
  co_return !failure;
}

void session::record(bool is_complete) {
  if (std::exchange(is_recorded_, true)) return;
  if (!shared_.options.record) {
    shared_.records.on_request(number_);
    return;
  }
  const auto kept = std::min(request_.body.size(), recorder::kept_body_bytes);
  shared_.records.on_request({.number = request_number_,
                              .connection = number_,
                              .method = request_.method,
                              .target = request_.target,
                              .headers = request_.headers,
                              .body = request_.body.substr(0, kept),
                              .complete = is_complete});
}

// --- an answer ---

asio::awaitable<bool> session::respond() {
  answer said = make_answer();
  const auto server_time = shared_.options.latency + behaviour_.delay + said.delay;
  const auto due = steady_clock::now() + server_time;
  if (!behaviour_.interims.empty()) {
    const bool is_sent = co_await send_interims();
    if (!is_sent) co_return false;
  }
  if (server_time > server_time.zero()) {
    if (const error_code failure = co_await reader_.sleep_until(due)) co_return on_client_end(failure);
  }
  if (behaviour_.ends_at(moment::before_response)) {
    co_await end_by_fault(ending(), *behaviour_.end);
    co_return false;
  }
  bool is_sent = false;
  if (behaviour_.raw) {
    is_sent = co_await send_raw();
  } else {
    is_sent = co_await send(std::move(said));
  }
  if (is_sent && behaviour_.ends_at(moment::in_body)) {
    co_await end_by_fault(ending(), *behaviour_.end);
    co_return false;
  }
  co_return is_sent;
}

answer session::make_answer() {
  answer said;
  if (behaviour_.raw) return said;
  if (behaviour_.status) {
    said = error_answer(error_for_status(*behaviour_.status));
  } else {
    said = answer_request(
        {.what = request_, .number = request_number_, .latency = shared_.options.latency + behaviour_.delay});
  }
  if (behaviour_.body) {
    said.body = *behaviour_.body;
    said.filler_bytes = 0;
  }
  if (behaviour_.framing) said.framing = *behaviour_.framing;
  for (const fault::header& each : behaviour_.headers) {
    remove_field(said.fields, each.name);
    if (!each.value.empty()) append_field(said.fields, each.name, each.value);
  }
  return said;
}

bool session::is_last_answer() const {
  const auto limit = shared_.options.max_requests_per_connection;
  if (limit && requests_ >= *limit) return true;
  if (!behaviour_.is_http_1_0) return !reader_.keeps_alive();
  const std::string* field = request_.find("connection");
  return field == nullptr || !http::token_list(*field).exists("keep-alive");
}

asio::awaitable<bool> session::send_interims() {
  std::string bytes;
  for (const fault::interim& each : behaviour_.interims) {
    const auto reason = reason_phrase(each.code);
    for (unsigned i = 0; i < each.times; ++i) {
      bytes.append("HTTP/1.1 ").append(std::to_string(each.code)).append(" ").append(reason).append("\r\n\r\n");
    }
  }
  const bool is_sent = co_await write(bytes);
  co_return is_sent;
}

asio::awaitable<bool> session::send_raw() {
  std::string bytes = *behaviour_.raw;
  is_closing_ = false;
  if (behaviour_.ends_at(moment::in_body)) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), behaviour_.end->body_bytes)));
  }
  for (const fault::stray& each : behaviour_.strays) {
    if (each.where == fault::stray::placement::with_response) bytes += each.bytes;
  }
  const bool is_sent = co_await write(bytes);
  co_return is_sent;
}

asio::awaitable<bool> session::send(answer said) {
  wire_options how{.method = request_.method,
                   .minor_version = request_.minor_version,
                   .is_last = is_last_answer(),
                   .keep_alive = shared_.options.keep_alive,
                   .date = shared_.date.now(),
                   .is_http_1_0 = behaviour_.is_http_1_0,
                   .malformation = behaviour_.malformation};
  if (behaviour_.ends_at(moment::in_body)) how.cut_after = behaviour_.end->body_bytes;
  wire_form form(std::move(said), how);
  is_closing_ = form.closes();
  out_.clear();
  while (form.next(out_)) {
    if (form.is_done()) {
      for (const fault::stray& each : behaviour_.strays) {
        if (each.where == fault::stray::placement::with_response) out_ += each.bytes;
      }
    }
    const bool is_sent = co_await write(out_);
    if (!is_sent) co_return false;
    out_.clear();
  }
  co_return true;
}

asio::awaitable<bool> session::write(std::string_view bytes) {
  const auto step = behaviour_.pace ? behaviour_.pace->bytes : bytes.size();
  while (!bytes.empty()) {
    if (const error_code failure = co_await channel_.write(bytes.substr(0, step))) co_return on_client_end(failure);
    bytes.remove_prefix(std::min(step, bytes.size()));
    if (!behaviour_.pace || bytes.empty()) continue;
    const auto next = steady_clock::now() + behaviour_.pace->interval;
    if (const error_code failure = co_await reader_.sleep_until(next)) co_return on_client_end(failure);
  }
  co_return true;
}

// --- ends ---

bool session::on_client_end(error_code failure) {
  record_client_end(ending(), failure);
  return false;
}

asio::awaitable<void> session::refuse(error_code failure) {
  if (failure.category() != http::make_error_code(http::error::bad_field).category()) {
    on_client_end(failure);
    co_return;
  }
  openai_error error{.status = 400, .message = "The request is not HTTP: " + failure.message() + "."};
  if (failure == http::error::header_limit) error.status = 431;
  if (failure == http::error::body_limit) error.status = 413;
  const wire_options how{.method = "POST", .is_last = true, .date = shared_.date.now()};
  wire_form form(error_answer(error), how);
  out_.clear();
  form.next(out_);
  behaviour_ = {};
  const bool is_sent = co_await write(out_);
  if (is_sent) co_await end_in_order(ending(), unread_bytes::possible, "bad request");
}

}  // namespace

asio::awaitable<void> serve(asio::ip::tcp::socket socket, session_surroundings& shared) {
  session conversation(std::move(socket), shared);
  co_await conversation.run();
}

}  // namespace warmwire::emulator

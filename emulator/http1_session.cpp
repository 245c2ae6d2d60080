// A connection that speaks HTTP/1.1. A long file: the steps of one conversation are told in one place, in their order.
#include "emulator/http1_session.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/idle_plan.hpp"
#include "emulator/scripted_answer.hpp"
#include "emulator/wire_form.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
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

class http1_session {
 public:
  explicit http1_session(connection& served)
      : connection_(served), shared_(served.shared), reader_(served.reader), idle_(shared_.options.keep_alive) {
    idle_.begin(served.opened_at, {});
  }

  asio::awaitable<void> run();

 private:
  asio::awaitable<bool> serve_request();
  asio::awaitable<bool> wait_for_request();
  asio::awaitable<bool> on_idle_time();
  asio::awaitable<bool> read_request();
  asio::awaitable<bool> finish_request();
  asio::awaitable<bool> respond();
  asio::awaitable<bool> send_interims();
  asio::awaitable<bool> send_raw();
  asio::awaitable<bool> send(answer said);
  asio::awaitable<bool> write(std::string_view bytes, std::string_view with_the_last = {});
  asio::awaitable<void> refuse(error_code failure);

  [[nodiscard]] bool is_last_answer() const;
  [[nodiscard]] std::string strays_with_response() const;
  [[nodiscard]] bool has_wrong_host() const;
  void record(bool is_complete);
  bool on_client_end(error_code failure);
  [[nodiscard]] scripted_request served() const { return {request_, request_number_, behaviour_}; }

  connection& connection_;
  session_surroundings& shared_;
  request_reader& reader_;

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

asio::awaitable<void> http1_session::run() {
  bool goes_on = true;
  while (goes_on)
    goes_on = co_await serve_request();
}

asio::awaitable<bool> http1_session::serve_request() {
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
    co_await end_in_order(connection_.ending(), unread_bytes::none, "server");
    co_return false;
  }
  idle_.begin(steady_clock::now(), behaviour_);
  co_return true;
}

// --- between requests ---

asio::awaitable<bool> http1_session::wait_for_request() {
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

asio::awaitable<bool> http1_session::on_idle_time() {
  const idle_plan::step step = idle_.take();
  if (const auto* stray = std::get_if<fault::stray>(&step)) {
    const bool is_sent = co_await write(stray->bytes);
    co_return is_sent;
  }
  // GOAWAY means nothing here.
  if (std::holds_alternative<fault::goaway>(step)) co_return true;
  if (const auto* end = std::get_if<fault::end>(&step)) {
    co_await end_by_fault(connection_.ending(), *end);
  } else {
    co_await end_in_order(connection_.ending(), unread_bytes::none, "server keep-alive");
  }
  co_return false;
}

// --- a request ---

asio::awaitable<bool> http1_session::read_request() {
  error_code failure = co_await reader_.read_head(request_);
  if (!failure && has_wrong_host()) failure = http::error::bad_field;
  if (failure) {
    co_await refuse(failure);
    co_return false;
  }
  is_recorded_ = false;
  request_number_ = shared_.records.next_request_number();
  behaviour_ = shared_.faults.on_request({.request = request_number_,
                                          .connection = connection_.number,
                                          .connection_request = ++requests_,
                                          .target = request_.target});
  if (behaviour_.leaves_response_open()) behaviour_.strays.clear();
  if (behaviour_.ends_at(moment::after_head)) {
    record(false);
    co_await end_by_fault(connection_.ending(), *behaviour_.end);
    co_return false;
  }
  const std::string* expectation = request_.find("expect");
  const bool is_waited_for = expectation != nullptr && boost::beast::iequals(*expectation, "100-continue");
  if (!is_waited_for || behaviour_.is_early) co_return true;
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const bool is_sent = co_await write(go_on);
  co_return is_sent;
}

bool http1_session::has_wrong_host() const {
  const auto hosts = std::count_if(request_.headers.begin(), request_.headers.end(),
                                   [](const auto& field) { return boost::beast::iequals(field.first, "host"); });
  return hosts > 1 || (hosts == 0 && request_.minor_version >= 1);  // RFC 9112 §3.2
}

asio::awaitable<bool> http1_session::finish_request() {
  const error_code failure = co_await reader_.read_body();
  record(!failure);
  if (failure) co_await refuse(failure);
  co_return !failure;
}

void http1_session::record(bool is_complete) {
  if (std::exchange(is_recorded_, true)) return;
  record_request(connection_, served(), is_complete);
}

// --- an answer ---

asio::awaitable<bool> http1_session::respond() {
  answer said = make_answer(served(), shared_);
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
    co_await end_by_fault(connection_.ending(), *behaviour_.end);
    co_return false;
  }
  bool is_sent = false;
  if (behaviour_.raw) {
    is_sent = co_await send_raw();
  } else {
    is_sent = co_await send(std::move(said));
  }
  if (is_sent && behaviour_.ends_at(moment::in_body)) {
    co_await end_by_fault(connection_.ending(), *behaviour_.end);
    co_return false;
  }
  co_return is_sent;
}

bool http1_session::is_last_answer() const {
  const auto limit = shared_.options.max_requests_per_connection;
  if (limit && requests_ >= *limit) return true;
  if (!behaviour_.is_http_1_0) return !reader_.keeps_alive();
  const std::string* field = request_.find("connection");
  return field == nullptr || !http::token_list(*field).exists("keep-alive");
}

asio::awaitable<bool> http1_session::send_interims() {
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

asio::awaitable<bool> http1_session::send_raw() {
  std::string bytes = *behaviour_.raw;
  is_closing_ = false;
  if (behaviour_.ends_at(moment::in_body)) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), behaviour_.end->body_bytes)));
  }
  const std::string strays = strays_with_response();
  const bool is_sent = co_await write(bytes, strays);
  co_return is_sent;
}

asio::awaitable<bool> http1_session::send(answer said) {
  wire_options how{.method = request_.method,
                   .minor_version = request_.minor_version,
                   .is_last = is_last_answer(),
                   .keep_alive = shared_.options.keep_alive,
                   .date = shared_.date.now(),
                   .is_http_1_0 = behaviour_.is_http_1_0,
                   .malformation = behaviour_.malformation};
  if (behaviour_.ends_at(moment::in_body)) how.cut_after = cut_of(said, behaviour_);
  // The script's pace is kept by `write`, and for the head too.
  if (behaviour_.pace) said.pace.reset();
  wire_form form(std::move(said), how);
  is_closing_ = form.closes();
  out_.clear();
  while (form.next(out_)) {
    const std::string strays = form.is_done() ? strays_with_response() : std::string();
    const bool is_sent = co_await write(out_, strays);
    if (!is_sent) co_return false;
    out_.clear();
    const auto pause = form.pause();
    if (pause <= pause.zero() || form.is_done()) continue;
    const auto next = steady_clock::now() + pause;
    if (const error_code failure = co_await reader_.sleep_until(next)) co_return on_client_end(failure);
  }
  co_return true;
}

std::string http1_session::strays_with_response() const {
  std::string bytes;
  for (const fault::stray& each : behaviour_.strays) {
    if (each.where == fault::stray::placement::with_response) bytes += each.bytes;
  }
  return bytes;
}

/// What comes with the last bytes is not paced: a stray that came later could be taken for an answer.
asio::awaitable<bool> http1_session::write(std::string_view bytes, std::string_view with_the_last) {
  const auto step = behaviour_.pace ? behaviour_.pace->bytes : bytes.size();
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, step));
    if (piece.size() == bytes.size()) piece += with_the_last;
    if (const error_code failure = co_await connection_.wire.write(piece)) co_return on_client_end(failure);
    bytes.remove_prefix(std::min(step, bytes.size()));
    if (!behaviour_.pace || bytes.empty()) continue;
    const auto next = steady_clock::now() + behaviour_.pace->interval;
    if (const error_code failure = co_await reader_.sleep_until(next)) co_return on_client_end(failure);
  }
  co_return true;
}

// --- ends ---

bool http1_session::on_client_end(error_code failure) {
  record_client_end(connection_.ending(), failure);
  return false;
}

asio::awaitable<void> http1_session::refuse(error_code failure) {
  if (failure.category() != http::make_error_code(http::error::bad_field).category()) {
    on_client_end(failure);
    co_return;
  }
  api_error error{.status = 400, .message = "The request is not HTTP: " + failure.message() + "."};
  if (failure == http::error::header_limit) error.status = 431;
  if (failure == http::error::body_limit) error.status = 413;
  const wire_options how{.method = "POST", .is_last = true, .date = shared_.date.now()};
  wire_form form(error_answer(error), how);
  out_.clear();
  form.next(out_);
  behaviour_ = {};
  const bool is_sent = co_await write(out_);
  if (is_sent) co_await end_in_order(connection_.ending(), unread_bytes::possible, "bad request");
}

}  // namespace

asio::awaitable<void> serve_http1(connection& served) {
  http1_session conversation(served);
  co_await conversation.run();
}

}  // namespace warmwire::emulator

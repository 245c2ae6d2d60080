// Opening an exchange: from a request to the head or the end of its response.
#include "transport/exchange.hpp"

#include "http/credentials.hpp"
#include "http/keep_alive.hpp"
#include "http/private_host.hpp"
#include "http/request_head.hpp"
#include "http/thrown.hpp"
#include "pool/replay.hpp"
#include "transport/make_error.hpp"
#include "transport/transport_core.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::detail {

using connection::clock;
using connection::goal;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

/// A connection that was heard from this recently is not suspected of a dead path.
constexpr milliseconds path_is_known_for{1'000};

/// Methods that say nothing by a body of length 0 (RFC 9110 §8.6).
bool is_bodiless(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "DELETE" || method == "OPTIONS";
}

error why_unwritten(const connection::http_connection& on, close_reason reason) {
  auto why = on.why_ended().value_or(make_error(errc::connection_lost, phase::write, "the connection ended"));
  why.phase = phase::write;
  why.message.append(", before the request was written (").append(to_string(reason)).append(")");
  return why;
}

std::string_view name_of(connection::http_version version) {
  switch (version) {
    case connection::http_version::http_1_0:
      return "http/1.0";
    case connection::http_version::http_1_1:
      return "http/1.1";
    case connection::http_version::http_2:
      break;
  }
  return "h2";
}

}  // namespace

exchange::exchange(std::shared_ptr<transport_core> core, request message, reading how)
    : core_(std::move(core)), request_(std::move(message)), how_(how) {}

/// An event loop that is destroyed destroys its coroutines in the middle of what they do.
exchange::~exchange() {
  let_go_of_lease(close_reason::cancelled);
  core_->deadlines().remove(*this);
}

// Opening

boost::asio::awaitable<result<void>> exchange::open() {
  const auto self = shared_from_this();
  arrived_at_ = clock::now();
  if (auto ready = prepare(); !ready) co_return fail(ready.error());
  look_again_at(total_due_ = arrived_at_ + request_.timeout.value_or(config_->settings.total_timeout));
  for (;;) {
    if (auto got = co_await acquire(); !got) co_return fail(got.error());
    const auto conversed = co_await converse();
    if (conversed) co_return result<void>();
    const auto failure = describe(conversed.error());
    if (!replay_after(failure)) co_return fail(failure);
  }
}

/// Gives the connection back and decides whether the request goes out again.
bool exchange::replay_after(const error& failure) {
  auto what = failed_so_far();
  if (failure.code == errc::cancelled || failure.code == errc::pool_closed) what.end = pool::exchange_end::cancelled;
  if (cut_ && cut_->reason == close_reason::timeout) what.end = pool::exchange_end::timeout;
  what.is_reused = provenance_.reused;
  if (lease_->is_unprocessed()) what.end = pool::exchange_end::refused;
  what.is_multiplexed = lease_->version() == connection::http_version::http_2;
  what.has_heard_since_sent = lease_->has_heard_since_sent();
  what.was_written = lease_->has_written();
  what.has_response = lease_->has_begun();
  // Any other failure is the answer.
  const bool lost = failure.code == errc::connection_lost || (!cut_ && lease_->is_unprocessed());
  end_exchange(end_of(failure));
  return lost && go_again(pool::decide_replay(what));
}

/// On a connection that died before anything was done with it.
pool::failed_exchange exchange::failed_so_far() const {
  pool::failed_exchange what;
  what.policy = config_->settings.replay;
  what.end = pool::exchange_end::connection_died;
  if (std::holds_alternative<body_source>(request_.body)) {
    what.body = outgoing_->has_used_source() ? pool::body_state::one_shot_read : pool::body_state::one_shot_unread;
  }
  what.unsent_replays = unsent_replays_;
  what.stale_replays = stale_replays_;
  what.refused_replays = refused_replays_;
  return what;
}

bool exchange::go_again(const pool::replay_decision& decision) {
  if (decision.where == pool::replay_on::nothing) return false;
  wanted_ = decision.where == pool::replay_on::fresh_connection ? pool::freshness::fresh_only : pool::freshness::any;
  ++replays_for(decision.reason);
  ++provenance_.replays;
  provenance_.replayed_because = decision.reason;
  driver_->count_replay(decision.reason);
  cut_.reset();
  look_again_at(total_due_);  // a deadline that found the path dead is spent
  return true;
}

std::uint32_t& exchange::replays_for(replay_reason reason) {
  if (reason == replay_reason::unsent) return unsent_replays_;
  return reason == replay_reason::refused ? refused_replays_ : stale_replays_;
}

result<void> exchange::prepare() {
  if (core_->is_forked()) {
    return make_error(errc::forked, phase::none,
                      "this process is a fork of the one that opened the pool; make a transport of its own");
  }
  if (core_->is_shut_down()) return make_error(errc::pool_closed, phase::queue, "the transport is gone");
  auto url = http::parse_url(request_.url);
  if (!url) return url.error();
  url_ = std::move(*url);
  auto pool = core_->provider(request_.provider);
  if (!pool) return pool.error();
  auto origin = (*pool)->origin(url_);
  if (!origin) return origin.error();
  driver_ = std::move(*origin);
  config_ = (*pool)->config();
  living_ = (*pool)->living_token();
  if (url_.scheme == http::scheme::http && !http::is_private_host(url_.host) &&
      http::has_credential(request_.headers, request_.secret_headers)) {
    core_->warn_of_plain_credential(url_);
  }
  is_last_ = !http::parse_keep_alive(http::version::http_1_1, request_.headers).is_persistent;
  return prepare_bytes();
}

result<void> exchange::prepare_bytes() {
  const auto& settings = config_->settings;
  if (request_.timeout && (*request_.timeout < milliseconds(1) || *request_.timeout > std::chrono::hours(24))) {
    return make_error(errc::invalid_option, phase::none,
                      "timeout is " + std::to_string(request_.timeout->count()) + " ms; it must be from 1 ms to 24 h");
  }
  const auto limit = settings.max_request_body_bytes;
  const auto* text = std::get_if<std::string>(&request_.body);
  auto* source = std::get_if<body_source>(&request_.body);
  if (source && !source->next) {
    return make_error(errc::request_body_failed, phase::none, "the request's body source has no `next`");
  }
  const auto length = text ? std::optional<std::uint64_t>(text->size()) : source->length;
  if (length && *length > limit) {
    return make_error(errc::request_too_large, phase::none,
                      "the request body has " + std::to_string(*length) + " bytes; max_request_body_bytes is " +
                          std::to_string(limit));
  }
  auto framing = length ? http::framing::length : http::framing::chunked;
  if (length == 0U && is_bodiless(request_.method)) framing = http::framing::none;
  head_.emplace(http::request_head{request_.method, url_, request_.headers, framing, length.value_or(0),
                                   core_->user_agent(), settings.idle_timeout, request_.secret_headers});
  std::string head;
  const auto encoded = http::append_request_head(head, *head_);
  if (!encoded) return encoded.error();
  if (text) {
    outgoing_.emplace(std::move(head), *text);
  } else {
    outgoing_.emplace(std::move(head), std::move(*source), limit, core_->executor());
  }
  return {};
}

// Waiting for a connection

boost::asio::awaitable<result<void>> exchange::acquire() {
  rejection_.reset();
  while (!cut_) {
    core_->notice_sleep();
    if (cut_) break;  // by the program's clock, which that asks
    queued_ = true;
    driver_->request(*this, wanted_);
    const bool waits = queued_;
    while (queued_ && !cut_)
      co_await wake_.sleep();
    if (rejection_) co_return std::move(*rejection_);
    // While a grant was on its way the connection may have ended, or brought what nobody asked for.
    const auto dead = waits && lease_ && !cut_ ? lease_.connection().probe() : std::nullopt;
    if (!dead && !cut_) co_return result<void>();
    if (!dead) {
      lease_.give_back_unused();
      break;
    }
    auto why = why_unwritten(lease_.connection(), *dead);
    lease_.give_back_unused(dead);
    // A server that hangs up on whoever comes would be dialed for ever without the limits of a replay.
    if (why.code != errc::connection_lost || !go_again(pool::decide_replay(failed_so_far()))) co_return why;
  }
  co_return explain_cut();
}

void exchange::granted(lease given, const pool::connection_view& view) {
  queued_ = false;
  lease_ = std::move(given);
  granted_at_ = clock::now();
  const auto& story = lease_.connection().story();
  provenance_.connection_id = story.number;
  provenance_.reused = view.served > 1;
  provenance_.idle_for = duration_cast<microseconds>(view.idle_for);
  provenance_.tls_resumed = story.tls_resumed;
  provenance_.proxy = story.proxy;
  provenance_.remote_address = story.remote_address;
  watch_path_ = provenance_.reused && view.idle_for >= path_is_known_for;
  auto& spent = provenance_.timings = {};
  spent.queue = duration_cast<microseconds>(granted_at_ - arrived_at_);
  if (!provenance_.reused && view.idle_for == pool::duration::zero()) {
    spent.resolve = story.resolve;
    spent.connect = story.connect;
    spent.tls = story.tls;
    spent.queue = std::max(microseconds::zero(), spent.queue - story.resolve - story.connect - story.tls);
  }
  wake_.fire();
}

void exchange::rejected(error why) {
  queued_ = false;
  rejection_ = std::move(why);
  wake_.fire();
}

void exchange::not_granted(const std::exception_ptr& thrown) noexcept {
  queued_ = false;
  let_go_of_lease(close_reason::cancelled);
  rejection_ = http::error_of(thrown);
  wake_.fire();
}

// On a connection

boost::asio::awaitable<result<void>> exchange::converse() {
  lease_->begin(*head_, *outgoing_);
  const auto first_look =
      granted_at_ + (watch_path_ ? std::min(config_->settings.dead_path_timeout, silence_limit()) : silence_limit());
  look_again_at(std::min({total_due_, first_look, report_due()}));

  const bool whole = how_ == reading::whole;
  advancing_ = true;
  auto reached = co_await lease_->advance(whole ? goal::whole_body : goal::head,
                                          whole ? config_->settings.max_response_body_bytes : unlimited);
  advancing_ = false;
  if (reached || lease_->is_head_done()) note_head();
  if (!reached) co_return reached.error();
  if (lease_->is_done()) finish();
  co_return result<void>();
}

void exchange::note_head() {
  const auto version = lease_->version();
  status_ = lease_->status();
  headers_ = std::move(lease_->headers());
  provenance_.protocol = name_of(version);
  if (version != connection::http_version::http_2) {
    const bool is_old = version == connection::http_version::http_1_0;
    hint_ = http::parse_keep_alive(is_old ? http::version::http_1_0 : http::version::http_1_1, headers_);
  }
  // An answer may begin while the request is still being written.
  provenance_.timings.first_byte =
      std::max(microseconds::zero(), duration_cast<microseconds>(lease_->first_byte_at() - lease_->written_at()));
}

/// The response is complete: the connection goes back before the caller reads what came.
void exchange::finish() {
  body_ = std::move(lease_->body());
  body_bytes_ = lease_->body_bytes();
  pool::keep_alive_hint hint{hint_.timeout, hint_.max_requests, {}};
  if (hint.timeout) hint.round_trip = lease_->round_trip();
  const auto how = lease_->end(reason_to_part());
  lease_.give_back(how, hint);
  settle();
}

/// Why this was the last exchange of its connection although all went well; over HTTP/2 it never is (RFC 9113 §8.2.2).
std::optional<close_reason> exchange::reason_to_part() const {
  if (lease_->version() == connection::http_version::http_2) return std::nullopt;
  if (!hint_.is_persistent) return close_reason::server_close;
  if (is_last_) return close_reason::closed_by_user;
  // The request said so: RFC 9112 §9.6.
  if (config_->settings.idle_timeout < std::chrono::seconds(1)) return close_reason::idle_timeout;
  return std::nullopt;
}

}  // namespace warmwire::detail

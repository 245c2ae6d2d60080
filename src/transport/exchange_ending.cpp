// Ending an exchange: by its caller, its deadlines, its pool or its peer, and what is told of it.
#include "http/thrown.hpp"
#include "transport/exchange.hpp"
#include "transport/make_error.hpp"
#include "transport/request_log.hpp"
#include "transport/transport_core.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::detail {

using connection::clock;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

void exchange::interrupt(errc why) {
  static constexpr auto reason_for = [](errc code) {
    if (code == errc::cancelled || code == errc::forked) return close_reason::cancelled;
    return code == errc::pool_closed ? close_reason::closed_by_user : close_reason::timeout;
  };
  cut_short({why, reason_for(why)});
}

void exchange::cut_short(const cut& how) {
  // A path found dead leads to a replay; whatever else cuts it short meanwhile is the end.
  if (settled_ || (cut_ && cut_->reason != close_reason::dead_path)) return;
  cut_ = how;
  if (std::exchange(queued_, false)) driver_->cancel(*this);
  if (!lease_ || !lease_->is_exchanging()) return wake_.fire();
  if (advancing_) return lease_->interrupt();
  // The reader is elsewhere: it hears of it at its next read.
  auto failure = describe({});
  end_exchange(how.reason);
  (void)fail(std::move(failure));
}

void exchange::end_exchange(close_reason reason) {
  const auto how = lease_->end(reason);
  lease_.give_back(how);
}

/// A lease that nothing was begun on leaves its connection as it was.
void exchange::let_go_of_lease(close_reason reason) noexcept {
  if (!lease_) return;
  try {
    lease_->is_exchanging() ? end_exchange(reason) : lease_.give_back_unused();
  } catch (...) {
    // It has gone back; what memory did not suffice for is the pool's next decision, which the next event makes.
  }
}

error exchange::break_off(const std::exception_ptr& thrown) noexcept {
  auto why = http::error_of(thrown);
  advancing_ = false;
  try {
    if (std::exchange(queued_, false)) driver_->cancel(*this);
    if (lease_ && lease_->is_exchanging()) note_progress(why);
    failure_ = why;
  } catch (...) {
    failure_ = error{.code = why.code};
  }
  let_go_of_lease(close_reason::transport_error);
  settle();
  return why;
}

/// The failure as the caller sees it: where it happened, and what had come.
error exchange::describe(error reason) const {
  if (cut_) reason = explain_cut();
  if (!lease_) return reason;
  reason.answer = answer_so_far();
  note_progress(reason);
  return reason;
}

void exchange::note_progress(error& of) const noexcept {
  of.http_status = lease_->is_head_done() ? lease_->status() : status_;
  of.body_bytes = lease_->body_bytes();
  if (of.phase != phase::none) return;
  if (lease_->has_begun()) {
    of.phase = phase::body;
  } else {
    of.phase = outgoing_->is_finished() ? phase::first_byte : phase::write;
  }
}

/// Of a response whose caller has seen nothing yet.
std::shared_ptr<const provider_answer> exchange::answer_so_far() const {
  if (how_ != reading::whole || !lease_->is_head_done()) return nullptr;
  provider_answer out;
  out.http_status = status_;
  out.headers = headers_;
  out.raw_body = std::move(lease_->body());
  out.provenance = provenance();
  return std::make_shared<const provider_answer>(std::move(out));
}

error exchange::explain_cut() const {
  const auto where = lease_ ? phase::none : phase::queue;
  const auto ms = [](auto limit) { return std::to_string(duration_cast<milliseconds>(limit).count()) + " ms"; };
  const auto& settings = config_->settings;
  if (cut_->reason == close_reason::dead_path) {
    return make_error(errc::connection_lost, phase::first_byte,
                      "the peer acknowledged nothing for " + ms(settings.dead_path_timeout) + " (dead_path_timeout)");
  }
  if (cut_->code == errc::stream_idle_timeout && cut_->reason == close_reason::body_abandoned) {
    return make_error(errc::stream_idle_timeout, where, "the rest of the response did not come in time");
  }
  switch (cut_->code) {
    case errc::cancelled:
      return make_error(errc::cancelled, where, "the caller cancelled the request");
    case errc::forked:
      return make_error(errc::forked, where, "this process is a fork of the one that sent the request");
    case errc::pool_closed:
      return make_error(errc::pool_closed, where, "the pool was closed while the request ran");
    case errc::inactivity_timeout:
      return make_error(errc::inactivity_timeout, where,
                        "no byte moved for " + ms(settings.inactivity_timeout) + " (inactivity_timeout)");
    case errc::stream_idle_timeout:
      return make_error(errc::stream_idle_timeout, where,
                        "the response was silent for " + ms(settings.stream_idle_timeout) + " (stream_idle_timeout)");
    default:
      return make_error(errc::deadline_exceeded, where,
                        "the request did not end within its " + ms(total_due_ - arrived_at_));
  }
}

close_reason exchange::end_of(const error& failure) const {
  if (cut_) return cut_->reason;
  if (failure.code == errc::request_body_failed || failure.code == errc::request_too_large) {
    return close_reason::cancelled;
  }
  return lease_->fate();
}

error exchange::fail(error reason) {
  failure_ = reason;
  settle();
  return reason;
}

/// After this the exchange holds nothing and nothing is due; it only remembers what to tell.
void exchange::settle() noexcept {
  if (std::exchange(settled_, true)) return;
  ended_at_ = clock::now();
  if (reported_) report_long_lease(true);
  core_->deadlines().remove(*this);
  core_->on_settled();
  core_->told().log([this] { return summary(); });
  living_.reset();
  driver_.reset();
}

std::string exchange::summary() const {
  const auto* pool = core_->find(request_.provider);
  return describe_request(
      {request_, url_, status_, failure_, provenance(), pool ? pool->stats() : pool_stats{}, core_->names_paths()});
}

provenance exchange::provenance() const {
  auto copy = provenance_;
  copy.timings.total = duration_cast<microseconds>((settled_ ? ended_at_ : clock::now()) - arrived_at_);
  return copy;
}

milliseconds exchange::silence_limit() const {
  const auto& settings = config_->settings;
  return how_ == reading::whole ? settings.inactivity_timeout
                                : std::min(settings.inactivity_timeout, settings.stream_idle_timeout);
}

void exchange::look_again_at(pool::time_point when) {
  core_->remind(*this, when);
}

void exchange::expired(pool::time_point now) {
  try {
    look(now);
  } catch (...) {
    // For lack of memory, say. It is still there, and will be looked at.
    look_again_at(now + milliseconds(100));
  }
}

void exchange::look(pool::time_point now) {
  if (const auto how = overdue(now)) return cut_short(*how);
  if (lease_ && !reported_ && now >= report_due()) {
    reported_ = true;
    report_long_lease(false);
  }
  look_again_at(std::max(next_look(now), now + milliseconds(1)));  // never at once: that would look for ever
}

pool::time_point exchange::next_look(pool::time_point now) {
  using waiting = connection::waiting_for;
  if (!lease_) return total_due_;
  // While nothing is due the next look may wait a whole limit: what becomes due later is due later still.
  auto next = now + silence_limit();
  if (advancing_ && lease_->waits() == waiting::writing) {
    next = lease_->last_activity() + config_->settings.inactivity_timeout;
  } else if (advancing_ && lease_->waits() == waiting::response) {
    next = lease_->last_activity() + response_limit();
  }
  if (watch_path_) next = std::min(next, now + config_->settings.dead_path_timeout - lease_->unacknowledged_for());
  return std::min({total_due_, rest_due_, next, reported_ ? total_due_ : report_due()});
}

pool::time_point exchange::report_due() const {
  const auto limit = config_->settings.report_lease_after;
  return limit > milliseconds::zero() ? granted_at_ + limit : pool::time_point::max();
}

void exchange::report_long_lease(bool is_back) noexcept {
  core_->told().tell([&] {
    return long_lease{.provider = request_.provider,
                      .origin = url_.origin(),
                      .tag = request_.tag,
                      .connection_id = provenance_.connection_id,
                      .held_for = duration_cast<milliseconds>(clock::now() - granted_at_),
                      .is_back = is_back};
  });
}

std::optional<exchange::cut> exchange::overdue(pool::time_point now) {
  using waiting = connection::waiting_for;
  if (now >= total_due_) return cut{errc::deadline_exceeded, close_reason::timeout};
  if (!lease_ || !advancing_) return std::nullopt;
  if (path_is_dead()) return cut{errc::connection_lost, close_reason::dead_path};
  if (now >= rest_due_) return cut{errc::stream_idle_timeout, close_reason::body_abandoned};
  const auto silent_for = now - lease_->last_activity();
  switch (lease_->waits()) {
    case waiting::writing:
      if (silent_for < config_->settings.inactivity_timeout) break;
      return cut{errc::inactivity_timeout, close_reason::timeout};
    case waiting::response:
      if (silent_for < response_limit()) break;
      return cut{how_ == reading::whole ? errc::inactivity_timeout : errc::stream_idle_timeout, close_reason::timeout};
    case waiting::nothing:
    case waiting::body_source:
    case waiting::first_byte:
      break;
  }
  return std::nullopt;
}

/// A peer that is there acknowledges within a round trip, however long it thinks about its answer.
bool exchange::path_is_dead() {
  if (!watch_path_) return false;
  const auto silence = lease_->unacknowledged_for();
  watch_path_ = silence > milliseconds::zero() && !lease_->has_begun();
  return watch_path_ && silence >= config_->settings.dead_path_timeout;
}

milliseconds exchange::response_limit() const {
  return how_ == reading::whole ? config_->settings.inactivity_timeout : config_->settings.stream_idle_timeout;
}

}  // namespace warmwire::detail

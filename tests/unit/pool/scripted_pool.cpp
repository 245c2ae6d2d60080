// The words of a scripted pool.
#include "scripted_pool.hpp"

#include <stdexcept>

namespace warmwire::pool {

std::string to_string(reject_reason reason) {
  switch (reason) {
    case reject_reason::overflow:
      return "overflow";
    case reject_reason::acquire_timeout:
      return "acquire_timeout";
    case reject_reason::closed:
      return "closed";
    case reject_reason::dial_failed:
      return "dial_failed";
  }
  return "?";
}

std::string scripted_pool::arrive(std::uint64_t request) {
  pool_.request_arrived(request_id{request}, freshness::any, now_, out_);
  return answer();
}

std::string scripted_pool::arrive_fresh(std::uint64_t request) {
  pool_.request_arrived(request_id{request}, freshness::fresh_only, now_, out_);
  return answer();
}

std::string scripted_pool::cancel(std::uint64_t request) {
  pool_.request_cancelled(request_id{request}, now_, out_);
  return answer();
}

std::string scripted_pool::dialed(std::size_t connection, std::size_t streams) {
  pool_.dial_succeeded(id(connection), {.streams = streams, .is_multiplexed = streams > 1}, now_, out_);
  return answer();
}

std::string scripted_pool::dialed_without_settings(std::size_t connection) {
  const capacity provisional{
      .streams = pool_.streams_before_settings(), .is_multiplexed = true, .is_provisional = true};
  pool_.dial_succeeded(id(connection), provisional, now_, out_);
  return answer();
}

std::string scripted_pool::dial_fails(std::size_t connection) {
  pool_.dial_failed(id(connection), now_, out_);
  return answer();
}

std::string scripted_pool::ends(std::size_t connection, const keep_alive_hint& hint) {
  pool_.stream_ended(id(connection), hint, now_, out_);
  return answer();
}

std::string scripted_pool::refuses_stream(std::size_t connection) {
  pool_.stream_refused(id(connection), now_, out_);
  return answer();
}

std::string scripted_pool::lost(std::size_t connection, close_reason reason) {
  pool_.connection_lost(id(connection), reason, now_, out_);
  return answer();
}

std::string scripted_pool::refused(std::size_t connection, std::uint64_t request, close_reason reason) {
  pool_.use_refused(id(connection), request_id{request}, reason, now_, out_);
  return answer();
}

std::string scripted_pool::drains(std::size_t connection, close_reason reason) {
  pool_.connection_draining(id(connection), reason, now_, out_);
  return answer();
}

std::string scripted_pool::turns_away(std::size_t connection, std::uint64_t processed) {
  pool_.turned_away(id(connection), processed, now_, out_);
  return answer();
}

std::string scripted_pool::carries(std::size_t connection, std::size_t streams) {
  pool_.stream_limit_changed(id(connection), streams, now_, out_);
  return answer();
}

std::string scripted_pool::tick() {
  pool_.tick(now_, out_);
  return answer();
}

std::string scripted_pool::live(duration time) {
  const time_point end = now_ + time;
  while (pool_.next_wakeup() && *pool_.next_wakeup() <= end) {
    now_ = *pool_.next_wakeup();
    pool_.tick(now_, out_);
    if (pool_.next_wakeup() && *pool_.next_wakeup() <= now_) {
      throw std::logic_error("tick left something that was due");
    }
  }
  now_ = end;
  return answer();
}

std::optional<std::chrono::milliseconds> scripted_pool::wakeup() const {
  const auto next = pool_.next_wakeup();
  return next ? std::optional(std::chrono::duration_cast<std::chrono::milliseconds>(*next - now_)) : std::nullopt;
}

std::string scripted_pool::prewarm(std::size_t connections) {
  pool_.prewarm(connections, now_, out_);
  return answer();
}

std::string scripted_pool::network_changed() {
  pool_.network_changed(now_, out_);
  return answer();
}

std::string scripted_pool::sleeps(duration asleep) {
  pool_.slept(asleep, now_, out_);
  return answer();
}

std::string scripted_pool::reconfigure(const pool_settings& settings) {
  settings_ = settings;
  pool_.reconfigure(settings, now_, out_);
  return answer();
}

std::string scripted_pool::rerouted() {
  pool_.rerouted(now_, out_);
  return answer();
}

std::string scripted_pool::close_idle() {
  pool_.close_idle(now_, out_);
  return answer();
}

std::string scripted_pool::begin_close() {
  pool_.begin_close(now_, out_);
  return answer();
}

std::string scripted_pool::abort() {
  pool_.abort(now_, out_);
  return answer();
}

void scripted_pool::open(std::size_t count, std::uint64_t first_request) {
  const std::size_t before = ids_.size();
  for (std::size_t each = 0; each < count; ++each) {
    arrive(first_request + each);
  }
  for (std::size_t each = before + 1; each <= before + count; ++each) {
    dialed(each);
  }
}

std::size_t scripted_pool::burst(std::uint64_t first, std::uint64_t last) {
  const std::size_t before = dials();
  for (std::uint64_t request = first; request <= last; ++request) {
    arrive(request);
  }
  return dials() - before;
}

std::string scripted_pool::oldest() const {
  const auto oldest = pool_.oldest();
  if (!oldest) {
    return "";
  }
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now_ - oldest->since);
  return "c" + std::to_string(numbers_.at(static_cast<std::uint64_t>(oldest->connection))) + " for " +
         std::to_string(age.count()) + " s";
}

std::string scripted_pool::answer() {
  pool_.check_invariants_for_test();
  std::string words;
  for (const action& each : out_) {
    if (each.what == action::kind::dial) {
      ids_.push_back(each.connection);
      numbers_[static_cast<std::uint64_t>(each.connection)] = ids_.size();
    }
    words.append(words.empty() ? "" : "; ").append(in_words(each));
  }
  out_.clear();
  return words;
}

std::string scripted_pool::in_words(const action& each) const {
  const std::string request = "r" + std::to_string(static_cast<std::uint64_t>(each.request));
  if (each.what == action::kind::reject) {
    return "reject " + request + " " + to_string(each.why);
  }
  const std::string connection = "c" + std::to_string(numbers_.at(static_cast<std::uint64_t>(each.connection)));
  if (each.what == action::kind::use) {
    return "use " + connection + " for " + request;
  }
  if (each.what == action::kind::dial) {
    return "dial " + connection;
  }
  return "close " + connection + " " + std::string(warmwire::to_string(each.reason));
}

}  // namespace warmwire::pool

#include "net/connect_race.hpp"

#include "net/is_cancelled.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace warmwire::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;
using fate = race_outcome::fate;

namespace {

/// TCP lets a socket connect to itself when the port it aims at is free and happens to be given to it.
bool is_connected_to_itself(const tcp::socket& socket) {
  boost::system::error_code ignored;
  return socket.local_endpoint(ignored) == socket.remote_endpoint(ignored);
}

/// What the coroutine of a race shares with the handlers of its attempts, which may run when it is gone.
class contest : public std::enable_shared_from_this<contest> {
 public:
  contest(const asio::any_io_executor& executor, race_rules rules)
      : executor_(executor), rules_(std::move(rules)), timer_(executor), next_start_(steady_clock::now()) {
    for (const auto& address : rules_.addresses)
      outcome_.attempts.push_back({.address = address});
  }

  static asio::awaitable<void> run(std::shared_ptr<contest> self) {
    while (!self->is_decided()) {
      self->start_what_is_due();
      self->timer_.expires_at(self->next_event());
      co_await self->timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      const bool cancelled = co_await is_cancelled();
      if (cancelled) break;
      self->outcome_.is_out_of_time = steady_clock::now() >= self->rules_.deadline;
    }
  }

  /// Ends the race; nothing is connected or connecting any more but what is returned.
  race_outcome finish() {
    if (std::exchange(is_over_, true)) return {};
    tell_silent_from_pending();
    if (winner_) outcome_.connected.emplace(std::move(started_[*winner_].socket));
    started_.clear();
    timer_.cancel();
    return std::move(outcome_);
  }

 private:
  struct running {
    tcp::socket socket;
    steady_clock::time_point since;
  };

  [[nodiscard]] bool is_decided() const {
    const auto is_over = [](const auto& attempt) {
      return attempt.fate == fate::failed || attempt.fate == fate::silent;
    };
    return winner_ || outcome_.is_out_of_time || std::ranges::all_of(outcome_.attempts, is_over);
  }

  [[nodiscard]] bool has_untried() const { return started_.size() < outcome_.attempts.size(); }

  [[nodiscard]] steady_clock::time_point next_event() const {
    return has_untried() ? std::min(next_start_, rules_.deadline) : rules_.deadline;
  }

  void start_what_is_due() {
    const auto now = steady_clock::now();
    if (!has_untried() || now < next_start_) return;
    make_room();
    const std::size_t index = started_.size();
    auto& socket = started_.emplace_back(running{.socket = tcp::socket(executor_), .since = now}).socket;
    outcome_.attempts[index].fate = fate::pending;
    next_start_ = now + rules_.stagger;
    socket.async_connect(rules_.addresses[index],
                         [self = shared_from_this(), index](const boost::system::error_code& failed) {
                           if (!self->is_over_) self->on_answer(index, failed);
                         });
  }

  void make_room() {
    const auto is_pending = [](const auto& attempt) { return attempt.fate == fate::pending; };
    const auto oldest = std::ranges::find_if(outcome_.attempts, is_pending);
    if (std::ranges::count_if(oldest, outcome_.attempts.end(), is_pending) <
        static_cast<std::ptrdiff_t>(max_attempts_at_once)) {
      return;
    }
    oldest->fate = fate::silent;
    boost::system::error_code ignored;
    started_[static_cast<std::size_t>(oldest - outcome_.attempts.begin())].socket.close(ignored);
  }

  void on_answer(std::size_t index, boost::system::error_code failed) {
    if (!failed && is_connected_to_itself(started_[index].socket)) failed = asio::error::connection_refused;
    auto& attempt = outcome_.attempts[index];
    if (attempt.fate == fate::silent || (!failed && winner_)) return;
    attempt.fate = failed ? fate::failed : fate::won;
    attempt.why = failed;
    if (failed) {
      boost::system::error_code ignored;
      started_[index].socket.close(ignored);
      next_start_ = steady_clock::now();
    } else {
      winner_ = index;
    }
    timer_.cancel();
  }

  void tell_silent_from_pending() {
    const auto now = steady_clock::now();
    for (std::size_t i = 0; i < winner_.value_or(started_.size()); ++i) {
      auto& attempt = outcome_.attempts[i];
      if (attempt.fate == fate::pending && now - started_[i].since >= rules_.stagger) attempt.fate = fate::silent;
    }
  }

  const asio::any_io_executor executor_;
  const race_rules rules_;
  asio::steady_timer timer_;
  steady_clock::time_point next_start_;
  std::deque<running> started_;  // one per attempt that was started
  std::optional<std::size_t> winner_;
  race_outcome outcome_;
  bool is_over_ = false;
};

/// Closes the sockets when the coroutine is destroyed in the middle of it, too.
class contest_end {
 public:
  explicit contest_end(std::shared_ptr<contest> of) : of_(std::move(of)) {}
  contest_end(const contest_end&) = delete;
  contest_end& operator=(const contest_end&) = delete;
  ~contest_end() { of_->finish(); }

 private:
  std::shared_ptr<contest> of_;
};

}  // namespace

asio::awaitable<race_outcome> race(race_rules rules) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto running = std::make_shared<contest>(executor, std::move(rules));
  const contest_end end(running);
  co_await contest::run(running);
  co_return running->finish();
}

}  // namespace warmwire::net

#include "net/name_lookup.hpp"

#include "http/thrown.hpp"
#include "net/is_cancelled.hpp"
#include "net/system_lookup.hpp"
#include "text/printable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::net {
namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// All that a name has are tried; this only bounds what a resolver may make us hold.
constexpr std::size_t max_addresses = 1024;
/// Of what a resolver says, which may be anybody's.
constexpr std::size_t max_reason_bytes = 200;

/// How long a running query is waited for while an old answer is at hand: much less than it takes the system's resolver
/// to give up, and not all of the time for connecting.
constexpr milliseconds patience_with_stale_answer{2'000};

addresses read_addresses(const std::vector<std::string>& texts) {
  addresses found;
  for (std::size_t i = 0; i < std::min(texts.size(), max_addresses); ++i) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(texts[i], not_an_address);
    if (!not_an_address) found.push_back(address);
  }
  return found;
}

error cannot_resolve(const std::string& host, std::string_view why) {
  std::string message("cannot resolve ");
  message.append(host).append(": ").append(text::printable(why, max_reason_bytes));
  return {.code = errc::resolve_failed, .phase = phase::resolve, .message = std::move(message)};
}

}  // namespace

lookup_source system_source() {
  const auto threads = std::make_shared<system_lookup>();
  return {.ask = [threads](const std::string& host, resolve_completion done) { threads->start(host, std::move(done)); },
          .why_late = [threads](const std::string& host) { return threads->why_late(host); }};
}

/// The way of an answer from a foreign thread to the executor, until it is closed.
class name_lookup::gate {
 public:
  explicit gate(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  template <class Function>
  void post(Function function) {
    const std::lock_guard lock(mutex_);
    if (executor_) asio::post(*executor_, std::move(function));
  }

  void close() {
    const std::lock_guard lock(mutex_);
    executor_.reset();
  }

  [[nodiscard]] bool is_closed() {
    const std::lock_guard lock(mutex_);
    return !executor_;
  }

 private:
  std::mutex mutex_;
  std::optional<asio::any_io_executor> executor_;  // guarded by mutex_
};

/// One call of the resolver, and those who wait for its answer.
class name_lookup::query {
 public:
  query(std::string of, dns_cache::query_id under) : host(std::move(of)), id(under) {}

  const std::string host;
  const dns_cache::query_id id;
  const time_point begun = steady_clock::now();
  std::optional<result<addresses>> answered{};

  /// Returns when the answer is there, at `limit`, or when the coroutine is cancelled.
  static asio::awaitable<void> wait(std::shared_ptr<query> self, time_point limit) {
    asio::steady_timer timer(co_await asio::this_coro::executor, limit);
    const waiter waiting(*self, timer);
    if (!self->answered) co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  void answer(result<addresses> with) {
    answered.emplace(std::move(with));
    for (auto* timer : waiters_)
      timer->cancel();
  }

 private:
  class waiter {
   public:
    waiter(query& in, asio::steady_timer& timer) : in_(in), timer_(&timer) { in_.waiters_.push_back(timer_); }
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter() { std::erase(in_.waiters_, timer_); }

   private:
    query& in_;
    asio::steady_timer* timer_;
  };

  std::vector<asio::steady_timer*> waiters_;
};

name_lookup::name_lookup(asio::any_io_executor executor, const dns_options& checked, lookup_source from,
                         clock_function now)
    : gate_(std::make_shared<gate>(std::move(executor))),
      from_(std::move(from)),
      now_(std::move(now)),
      cache_(checked) {}

name_lookup::~name_lookup() {
  shut_down();
}

void name_lookup::shut_down() {
  gate_->close();
}

void name_lookup::forget() {
  cache_.forget();
  running_.clear();
}

asio::awaitable<result<name_lookup::answer>> name_lookup::look_up(std::shared_ptr<name_lookup> self, question asked) {
  using kind = dns_cache::finding::kind;
  const std::string& host = asked.host;
  auto finding = self->cache_.find(host, self->now_());
  if (finding.what == kind::known) co_return answer{.found = std::move(finding.found), .is_new = false};
  const auto query = finding.what == kind::ask ? self->start(host, finding.query) : self->running_.at(finding.query);
  auto limit = asked.begun + asked.limit;
  const bool has_stale = self->cache_.stale(host, self->now_()).has_value();
  if (has_stale) limit = std::min(query->begun + patience_with_stale_answer, asked.begun + asked.limit / 2);
  co_await query::wait(query, limit);
  const bool cancelled = co_await is_cancelled();
  if (cancelled) {
    co_return error{
        .code = errc::cancelled, .phase = phase::resolve, .message = "resolving " + host + " was cancelled"};
  }
  if (query->answered && query->answered->has_value())
    co_return answer{.found = query->answered->value(), .is_new = true};
  if (auto stale = self->cache_.stale(host, self->now_())) co_return answer{.found = std::move(*stale), .is_new = true};
  if (query->answered) co_return query->answered->error();
  co_return self->not_in_time(asked);
}

error name_lookup::not_in_time(const question& asked) const {
  std::string message("the name ");
  message.append(asked.host).append(" was not resolved within ").append(std::to_string(asked.limit.count()));
  message.append(" ms");
  const auto why = from_.why_late ? from_.why_late(asked.host) : std::string();
  if (!why.empty()) message.append(": ").append(why);
  return {.code = errc::connect_timeout, .phase = phase::resolve, .message = std::move(message)};
}

std::shared_ptr<name_lookup::query> name_lookup::start(const std::string& host, dns_cache::query_id id) {
  drop_lost_queries();
  auto started = std::make_shared<query>(host, id);
  running_.emplace(id, started);
  const auto answered = std::make_shared<std::atomic_flag>();
  const auto done = [gate = gate_, weak = weak_from_this(), weak_query = std::weak_ptr(started),
                     answered](result<resolved> said) {
    if (answered->test_and_set()) return;
    gate->post([weak, weak_query, said = std::move(said)]() mutable {
      const auto self = weak.lock();
      const auto asked = weak_query.lock();
      if (self && asked) self->receive(*asked, std::move(said));
    });
  };
  // From a handler of its own: it is foreign code, and a dial is begun in the middle of anything.
  gate_->post([weak = weak_from_this(), host, done] {
    if (const auto self = weak.lock()) self->ask(host, done);
  });
  return started;
}

/// Nothing is touched after the call, which may end whatever there is.
void name_lookup::ask(const std::string& host, const resolve_completion& done) const {
  if (gate_->is_closed()) return;
  try {
    return from_.ask(host, done);
  } catch (const std::exception& thrown) {
    done(error{.message = thrown.what()});
  } catch (...) {
    done(error{.message = "the resolver threw something that is not a std::exception"});
  }
}

/// What memory does not suffice for is no answer.
void name_lookup::receive(query& asked, result<resolved> answered) noexcept {
  try {
    on_answer(asked, std::move(answered));
  } catch (...) {
    asked.answer(http::error_of(std::current_exception()));
    running_.erase(asked.id);
  }
}

void name_lookup::on_answer(query& asked, result<resolved> answered) {
  const auto now = now_();
  auto found = answered ? read_addresses(answered->addresses) : addresses{};
  if (!found.empty()) {
    cache_.succeeded(asked.host, asked.id, found, answered->ttl, now);
    asked.answer(std::move(found));
  } else {
    cache_.failed(asked.host, asked.id, now);
    asked.answer(cannot_resolve(asked.host, answered ? "the resolver named no address" : answered.error().message));
  }
  running_.erase(asked.id);
}

/// Those that were never answered, and whose names are asked for anew or forgotten.
void name_lookup::drop_lost_queries() {
  std::erase_if(running_, [this](const auto& entry) { return !cache_.is_running(entry.second->host, entry.first); });
}

}  // namespace warmwire::net

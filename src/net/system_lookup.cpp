#include "net/system_lookup.hpp"

#include "net/signals_blocked.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace warmwire::net {
namespace {

using lookup_clock = std::chrono::steady_clock;

error lookup_failure(std::string message) {
  return {.code = errc::resolve_failed, .phase = phase::resolve, .message = std::move(message)};
}

/// What foreign code throws is an answer as well: nothing may leave the thread.
result<resolved> guarded(const blocking_lookup& ask, const std::string& host) noexcept {
  try {
    return ask(host);
  } catch (const std::exception& thrown) {
    return lookup_failure(thrown.what());
  } catch (...) {
    return lookup_failure("the look-up threw something that is not a std::exception");
  }
}

void tell(std::vector<resolve_completion> waiting, const result<resolved>& answer) noexcept {
  for (const auto& done : waiting) {
    try {
      done(answer);
    } catch (...) {
      // Whoever has no memory for the answer hears of its time limit.
    }
  }
}

}  // namespace

result<resolved> ask_system(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list);
  if (failed == EAI_SYSTEM) return lookup_failure(std::system_category().message(errno));
  if (failed != 0) return lookup_failure(::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  resolved answer;
  for (const auto* each = list; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      answer.addresses.emplace_back(text.data());
    }
  }
  return answer;
}

/// Owned by its system_lookup and by each thread. All of it under the mutex but `ask_`.
class system_lookup::state {
 public:
  state(blocking_lookup ask, const lookup_limits& limits) : ask_(std::move(ask)), limits_(limits), list_(limits) {}

  static void start(const std::shared_ptr<state>& self, const std::string& host, resolve_completion done) {
    std::unique_lock lock(self->mutex_);
    const auto id = self->list_.add(host);
    if (!id) {
      lock.unlock();
      return done(lookup_failure("too many names wait for one of the " + std::to_string(self->limits_.threads) +
                                 " look-ups that may run at once"));
    }
    self->completions_[*id].push_back(std::move(done));
    if (self->list_.ready(lookup_clock::now(), self->idle_ + 1) <= self->idle_) return self->wake_.notify_one();
    if (self->threads_ == self->limits_.threads) return;
    const auto why_not = start_thread(self);
    // Those that run will come to it, if there are any.
    if (!why_not || self->threads_ > 0) return;
    auto refused = self->take_all();
    lock.unlock();
    tell(std::move(refused), *why_not);
  }

  void end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    list_.clear();
    completions_.clear();
    wake_.notify_all();
  }

  std::string why_late(const std::string& host) {
    const std::lock_guard lock(mutex_);
    return list_.why_late(host, lookup_clock::now());
  }

 private:
  static std::optional<error> start_thread(const std::shared_ptr<state>& self) {
    try {
      const signals_blocked around;
      std::thread([self] { self->work(); }).detach();
      ++self->threads_;
      return std::nullopt;
    } catch (const std::exception& thrown) {
      return lookup_failure(std::string("no thread can be started for the look-up: ") + thrown.what());
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!has_ended_) {
      if (auto next = list_.take(lookup_clock::now())) {
        lock.unlock();
        const auto answer = guarded(ask_, next->host);
        lock.lock();
        auto waiting = take(next->id);
        lock.unlock();
        tell(std::move(waiting), answer);
        lock.lock();
      } else if (!wait_for_more(lock)) {
        break;
      }
    }
    --threads_;
  }

  bool wait_for_more(std::unique_lock<std::mutex>& lock) {
    ++idle_;
    const bool has_more =
        wake_.wait_for(lock, limits_.idle, [this] { return has_ended_ || list_.ready(lookup_clock::now(), 1) > 0; });
    --idle_;
    return has_more;
  }

  std::vector<resolve_completion> take(lookup_list::number id) {
    list_.ended(id, lookup_clock::now());
    const auto found = completions_.find(id);
    if (found == completions_.end()) return {};
    auto waiting = std::move(found->second);
    completions_.erase(found);
    return waiting;
  }

  std::vector<resolve_completion> take_all() {
    list_.clear();
    std::vector<resolve_completion> all;
    for (auto& [id, waiting] : std::exchange(completions_, {}))
      for (auto& each : waiting)
        all.push_back(std::move(each));
    return all;
  }

  const blocking_lookup ask_;
  const lookup_limits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  lookup_list list_;
  std::map<lookup_list::number, std::vector<resolve_completion>> completions_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool has_ended_ = false;
};

system_lookup::system_lookup(blocking_lookup ask, const lookup_limits& limits)
    : state_(std::make_shared<state>(std::move(ask), limits)), process_(::getpid()) {}

// In a fork the threads do not exist, and one of them may have held the mutex.
system_lookup::~system_lookup() {
  if (::getpid() == process_) state_->end();
}

void system_lookup::start(const std::string& host, resolve_completion done) {
  state::start(state_, host, std::move(done));
}

std::string system_lookup::why_late(const std::string& host) const {
  return state_->why_late(host);
}

}  // namespace warmwire::net

#include "cli/load_run.hpp"

#include "cli/terminal.hpp"

#include <warmwire/async_client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

namespace warmwire::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto provider = "openai";
constexpr auto grace = 10s;
// A server that refuses at once is not hammered.
constexpr auto pause_after_error = 100ms;

std::size_t open_sockets() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone && target.string().starts_with("socket:")) ++count;
  }
  return count;
}

transport_options options_of(const load_plan& plan) {
  transport_options out{.on_warning = print_warning};
  out.defaults.max_connections = plan.pool_size;
  out.defaults.max_idle = plan.pool_size;
  out.defaults.max_h2_connections = plan.h2_pool_size;
  out.defaults.protocol = plan.protocol;
  out.defaults.max_pending = std::max<std::size_t>(plan.callers, 1024);
  if (plan.direct) out.defaults.proxy = proxy_options{.use_environment = false};
  if (!plan.ca_file.empty()) out.defaults.tls = tls_options{.ca_file = plan.ca_file};
  return out;
}

class load_run {
 public:
  load_run(const load_plan& plan, const std::function<void(const load_figures&)>& on_second)
      : plan_(plan),
        on_second_(on_second),
        transport_(context_.get_executor(), options_of(plan)),
        client_(transport_, plan.client),
        question_{.messages = {{role::user, "Is anybody there?"}}} {}

  load_figures run() {
    begin_ = clock::now();
    end_ = begin_ + plan_.duration;
    too_late_.expires_at(end_ + grace);
    start_callers();
    asio::co_spawn(context_, watch_time(), asio::detached);
    asio::co_spawn(context_, watch_seconds(), asio::detached);
    interrupt_.async_wait([this](const boost::system::error_code& failed, int) {
      if (failed) return;
      interrupted_ = true;
      cancel_callers();
    });
    context_.run();
    return std::move(figures_);
  }

 private:
  void start_callers() {
    for (std::size_t i = 0; i < plan_.callers; ++i) {
      auto& stop = stops_.emplace_back();
      ++running_;
      asio::co_spawn(context_, call_again_and_again(),
                     asio::bind_cancellation_slot(stop.slot(), [this](const std::exception_ptr&) {
                       if (--running_ == 0) asio::co_spawn(context_, finish(), asio::detached);
                     }));
    }
  }

  void cancel_callers() {
    for (auto& stop : stops_)
      stop.emit(asio::cancellation_type::terminal);
  }

  /// When the next call is due; nothing when the time is up.
  std::optional<clock::time_point> next_due() {
    auto due = clock::now();
    if (plan_.rate) {
      due = begin_ + std::chrono::duration_cast<clock::duration>(
                         std::chrono::duration<double>(static_cast<double>(slot_++) / *plan_.rate));
    }
    if (due >= end_ || interrupted_) return std::nullopt;
    return due;
  }

  asio::awaitable<void> call_again_and_again() {
    asio::steady_timer timer(context_);
    while (const auto due = next_due()) {
      if (*due > clock::now()) {
        timer.expires_at(*due);
        co_await timer.async_wait(asio::use_awaitable);
      }
      const auto reply = co_await call(*due);
      if (interrupted_) co_return;
      note(*due, reply);
      if (reply || clock::now() >= end_) continue;
      timer.expires_after(pause_after_error);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::awaitable<result<chat_reply>> call(clock::time_point due) {
    if (plan_.stream) return stream(due);
    return client_.async_chat(question_, asio::use_awaitable);
  }

  asio::awaitable<result<chat_reply>> stream(clock::time_point due) {
    auto opened = co_await client_.async_stream(question_, asio::use_awaitable);
    if (!opened) co_return opened.error();
    const auto first = clock::now() - due;
    auto answer = std::move(*opened);
    while (true) {
      const auto event = co_await answer.next();
      if (!event) co_return event.error();
      if (!*event) break;
      ++figures_.events;
    }
    figures_.first.add(std::chrono::duration_cast<std::chrono::microseconds>(first));
    co_return answer.reply();
  }

  void note(clock::time_point due, const result<chat_reply>& reply) {
    ++figures_.requests;
    if (reply) {
      figures_.latency.add(std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - due));
      return;
    }
    ++figures_.errors;
    auto& kind = figures_.errors_by_kind[std::string(to_string(reply.error().code))];
    if (kind.count++ == 0) kind.first = reply.error();
  }

  // Ends what hangs.
  asio::awaitable<void> watch_time() {
    boost::system::error_code cancelled;
    co_await too_late_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!cancelled) cancel_callers();
  }

  asio::awaitable<void> watch_seconds() {
    boost::system::error_code cancelled;
    // Counts callers, because a cancel comes too late for a wait that has just ended.
    for (int second = 1; running_ > 0; ++second) {
      seconds_.expires_at(begin_ + std::chrono::seconds(second));
      co_await seconds_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (running_ > 0) sample();
    }
  }

  void sample() {
    figures_.elapsed = clock::now() - begin_;
    figures_.pool = transport_.stats(provider);
    on_second_(figures_);
  }

  asio::awaitable<void> finish() {
    figures_.elapsed = clock::now() - begin_;
    figures_.pool = transport_.stats(provider);
    too_late_.cancel();
    seconds_.cancel();
    interrupt_.cancel();
    co_await transport_.async_close_all(default_drain, asio::use_awaitable);
    const auto after = transport_.stats(provider);
    const auto sockets = open_sockets();
    figures_.left = {.sockets = sockets - std::min(sockets, sockets_before_),
                     .active = after.active + after.idle + after.connecting,
                     .pending = after.pending};
  }

  const load_plan& plan_;
  const std::function<void(const load_figures&)>& on_second_;
  const std::size_t sockets_before_ = open_sockets();
  asio::io_context context_{1};
  asio::steady_timer too_late_{context_};
  asio::steady_timer seconds_{context_};
  asio::signal_set interrupt_{context_, SIGINT};
  transport transport_;
  async_client client_;
  const chat_request question_;
  std::deque<asio::cancellation_signal> stops_;
  load_figures figures_;
  clock::time_point begin_{};
  clock::time_point end_{};
  std::uint64_t slot_ = 0;
  std::size_t running_ = 0;
  bool interrupted_ = false;
};

}  // namespace

double load_figures::throughput() const {
  return elapsed.count() > 0 ? static_cast<double>(requests) / elapsed.count() : 0;
}

load_figures run_load(const load_plan& plan, const std::function<void(const load_figures&)>& on_second) {
  return load_run(plan, on_second).run();
}

}  // namespace warmwire::cli

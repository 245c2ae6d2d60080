#include "client/call_context.hpp"

#include "transport/sending.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace warmwire {

namespace asio = boost::asio;

namespace {

// A timer whose wait has ended well; no wait ends so early by itself.
constexpr auto ended = call_context::clock::time_point::min();
constexpr auto never = call_context::clock::time_point::max();

}  // namespace

call_context::call_context(std::shared_ptr<detail::transport_core> over, retry_timing timing)
    : core_(std::move(over)), executor_(core_->executor()), timing_(std::move(timing)) {}

asio::awaitable<result<response>> call_context::send(request message) const {
  return detail::async_result_of<response>(
      executor_,
      [core = core_](request what, detail::completion<response> done) {
        detail::start_send(core, std::move(what), std::move(done));
      },
      asio::use_awaitable, std::move(message));
}

asio::awaitable<result<response_stream>> call_context::open(request message) const {
  return detail::async_result_of<response_stream>(
      executor_,
      [core = core_](request what, detail::completion<response_stream> done) {
        detail::start_open(core, std::move(what), std::move(done));
      },
      asio::use_awaitable, std::move(message));
}

pool_settings call_context::settings(std::string_view provider) const {
  return core_->settings(provider);
}

void call_context::note_call(const std::string& provider) {
  core_->budget(provider).note_call(now());
}

std::optional<std::chrono::milliseconds> call_context::next_try(const std::string& provider, const error& reason,
                                                                providers::retry_question about) {
  about.dice = timing_.dice ? timing_.dice() : std::uniform_real_distribution<double>(0, 1)(dice_);
  return providers::next_try(reason, about, core_->budget(provider), now());
}

/// Counts a wait for as long as it lives, and lets `abandon` find its timer.
class call_context::waiting {
 public:
  explicit waiting(call_context& in) : in_(in) { ++in_.waits_; }
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;
  ~waiting() {
    --in_.waits_;
    in_.timers_.erase(timer_);
  }

  void on(asio::steady_timer* timer) { in_.timers_.insert(timer_ = timer); }

 private:
  call_context& in_;
  asio::steady_timer* timer_ = nullptr;
};

asio::awaitable<bool> call_context::wait(std::chrono::milliseconds time) {
  waiting here(*this);
  if (is_abandoned_) co_return false;
  const auto timer = std::make_shared<asio::steady_timer>(executor_, timing_.wait ? never : clock::now() + time);
  here.on(timer.get());
  if (timing_.wait) timing_.wait(time, ending_of(timer));
  boost::system::error_code ec;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ec));
  co_return (!ec || timer->expiry() == ended) && !is_abandoned_;
}

std::function<void()> call_context::ending_of(const std::shared_ptr<asio::steady_timer>& timer) const {
  return [executor = executor_, weak = std::weak_ptr(timer)] {
    if (weak.expired()) return;
    asio::post(executor, [weak] {
      if (const auto still = weak.lock()) still->expires_at(ended);
    });
  };
}

void call_context::abandon(const std::shared_ptr<call_context>& self) {
  if (::getpid() != self->process_) return;
  // A wait that does not see this is seen by what follows.
  self->is_abandoned_ = true;
  if (self->waits_ == 0) return;
  asio::dispatch(self->executor_, [self] {
    for (auto* timer : self->timers_)
      timer->cancel();
  });
}

}  // namespace warmwire

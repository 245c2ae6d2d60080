// Runs a coroutine of an exchange for a caller's completion handler, and lets the caller's cancellation reach it.
#pragma once

#include "http/thrown.hpp"
#include "transport/call_off.hpp"
#include "transport/exchange.hpp"
#include "transport/transport_core.hpp"

#include <warmwire/detail/completion.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace warmwire::detail {

template <class T, class Outcome, class Finish>
result<T> finish_with(Finish& finish, Outcome outcome) noexcept {
  try {
    return finish(std::move(outcome));
  } catch (...) {
    return http::error_of(std::current_exception());
  }
}

/// `done` is called with what `finish` makes of the coroutine's result; `wish` cuts the exchange short.
template <class T, class Outcome, class Finish>
void run(const transport_core& core, std::shared_ptr<exchange> subject, boost::asio::awaitable<Outcome> task,
         completion<T> done, const call_off& wish, Finish finish) {
  wish.listen([weak = std::weak_ptr(subject)] {
    if (const auto running = weak.lock()) running->interrupt(errc::cancelled);
  });
  boost::asio::co_spawn(core.executor(), std::move(task),
                        [subject = std::move(subject), done = std::move(done), wish, finish = std::move(finish)](
                            const std::exception_ptr& thrown, Outcome outcome) mutable {
                          wish.end();
                          if (thrown) outcome = subject->break_off(thrown);
                          subject.reset();
                          // Nothing here is touched after this, whatever the handler does.
                          done(finish_with<T>(finish, std::move(outcome)));
                        });
}

}  // namespace warmwire::detail

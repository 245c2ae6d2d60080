// Runs a coroutine of an exchange for a caller's completion handler, and lets the caller's cancellation reach it.
#pragma once

#include "transport/exchange.hpp"
#include "transport/transport_core.hpp"

#include <warmwire/detail/completion.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace warmwire::detail {

/// `done` is called with what `finish` makes of the coroutine's result.
template <class T, class Outcome, class Finish>
void run(const transport_core& core, const std::shared_ptr<exchange>& subject, boost::asio::awaitable<Outcome> task,
         completion<T> done, Finish finish) {
  auto slot = done.slot();
  if (slot.is_connected()) {
    slot.assign([weak = std::weak_ptr(subject)](boost::asio::cancellation_type) {
      if (const auto running = weak.lock()) running->interrupt(errc::cancelled);
    });
  }
  boost::asio::co_spawn(core.executor(), std::move(task),
                        [done = std::move(done), slot, finish = std::move(finish)](const std::exception_ptr& thrown,
                                                                                   Outcome outcome) mutable {
                          if (thrown) std::rethrow_exception(thrown);
                          if (slot.is_connected()) slot.clear();
                          done(finish(std::move(outcome)));
                        });
}

}  // namespace warmwire::detail

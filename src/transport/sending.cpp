#include "transport/sending.hpp"

#include "transport/open_response.hpp"
#include "transport/run.hpp"
#include "transport/spawn.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace warmwire::detail {

namespace {

void send_now(const std::shared_ptr<transport_core>& core, request message, completion<response> done,
              const call_off& wish) {
  auto sending = std::make_shared<exchange>(core, std::move(message), reading::whole);
  auto task = sending->open();
  run(*core, sending, std::move(task), std::move(done), wish, [sending](result<void> opened) -> result<response> {
    if (!opened) return std::move(opened).error();
    return response{sending->status(), std::move(sending->headers()), sending->take_body(), sending->provenance()};
  });
}

void open_now(const std::shared_ptr<transport_core>& core, request message, completion<response_stream> done,
              const call_off& wish) {
  auto opening = std::make_shared<exchange>(core, std::move(message), reading::streamed);
  auto task = opening->open();
  run(*core, opening, std::move(task), std::move(done), wish,
      [opening](result<void> opened) -> result<response_stream> {
        if (!opened) return std::move(opened).error();
        return response_stream(std::make_unique<open_response>(opening));
      });
}

}  // namespace

void start_send(const std::shared_ptr<transport_core>& core, request message, completion<response> done) {
  const call_off wish(done.slot());
  boost::asio::dispatch(core->executor(), [core, message = std::move(message), done = std::move(done), wish]() mutable {
    begin_or_fail(core->executor(), done, [&](const auto& told) { send_now(core, std::move(message), told, wish); });
  });
}

void start_open(const std::shared_ptr<transport_core>& core, request message, completion<response_stream> done) {
  const call_off wish(done.slot());
  boost::asio::dispatch(core->executor(), [core, message = std::move(message), done = std::move(done), wish]() mutable {
    begin_or_fail(core->executor(), done, [&](const auto& told) { open_now(core, std::move(message), told, wish); });
  });
}

}  // namespace warmwire::detail

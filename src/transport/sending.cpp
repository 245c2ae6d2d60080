#include "transport/sending.hpp"

#include "transport/open_response.hpp"
#include "transport/run.hpp"
#include "transport/transport_core.hpp"

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace warmwire::detail {

void start_send(const std::shared_ptr<transport_core>& core, request message, completion<response> done) {
  boost::asio::dispatch(core->executor(), [core, message = std::move(message), done = std::move(done)]() mutable {
    auto sending = std::make_shared<exchange>(core, std::move(message), reading::whole);
    auto task = sending->open();
    run(*core, sending, std::move(task), std::move(done), [sending](result<void> opened) -> result<response> {
      if (!opened) return std::move(opened).error();
      return response{sending->status(), std::move(sending->headers()), sending->take_body(), sending->provenance()};
    });
  });
}

void start_open(const std::shared_ptr<transport_core>& core, request message, completion<response_stream> done) {
  boost::asio::dispatch(core->executor(), [core, message = std::move(message), done = std::move(done)]() mutable {
    auto opening = std::make_shared<exchange>(core, std::move(message), reading::streamed);
    auto task = opening->open();
    run(*core, opening, std::move(task), std::move(done), [opening](result<void> opened) -> result<response_stream> {
      if (!opened) return std::move(opened).error();
      return response_stream(std::make_unique<open_response>(opening));
    });
  });
}

}  // namespace warmwire::detail

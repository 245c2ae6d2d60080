#include "transport/open_response.hpp"
#include "transport/run.hpp"
#include "transport/spawn.hpp"

#include <warmwire/response_stream.hpp>

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace warmwire {

response_stream::response_stream() = default;
response_stream::response_stream(std::unique_ptr<detail::open_response> response) : response_(std::move(response)) {}
response_stream::response_stream(response_stream&&) noexcept = default;
response_stream& response_stream::operator=(response_stream&&) noexcept = default;
response_stream::~response_stream() = default;

bool response_stream::valid() const noexcept {
  return response_ != nullptr;
}
int response_stream::status() const noexcept {
  return response_->get().status();
}
const headers& response_stream::headers() const noexcept {
  return response_->get().headers();
}
provenance response_stream::provenance() const {
  return response_->get().provenance();
}

void response_stream::limit_rest(std::optional<std::chrono::milliseconds> wait) {
  response_->get().limit_rest(wait);
}

void response_stream::drain() {
  if (const auto rest = std::exchange(response_, nullptr)) rest->drain();
}

const boost::asio::any_io_executor& response_stream::executor() const noexcept {
  return response_->get().core().executor();
}

void response_stream::start_read(detail::completion<std::string> done) {
  const auto& reading = response_->share();
  const detail::call_off wish(done.slot());
  detail::begin_or_fail(executor(), done, [&](const auto& told) {
    detail::run(reading->core(), reading, reading->read(), told, wish, [](result<std::string> chunk) { return chunk; });
  });
}

}  // namespace warmwire

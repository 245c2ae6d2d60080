#include "connection/h2_stream.hpp"

#include "connection/h2_session.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::connection {

h2_stream::~h2_stream() {
  if (session_) session_->reset(*this);
}

std::string h2_stream::take_body(std::size_t most) {
  auto& body = response_.body();
  std::string taken;
  if (body.size() <= most) {
    taken = std::exchange(body, {});
  } else {
    taken = body.substr(0, most);
    body.erase(0, most);
  }
  if (is_open_) session_->give_back(*this, taken.size());
  return taken;
}

bool h2_stream::has_heard_since_sent() const noexcept {
  if (!is_open_) return has_heard_;
  return frames_when_written_ && session_->frames_heard_ > *frames_when_written_;
}

}  // namespace warmwire::connection

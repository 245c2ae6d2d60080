#include "transport/reports.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace warmwire::detail {

void reports::warn(std::string text) noexcept {
  try {
    if (listeners_.log) add("warning: " + text);
    if (listeners_.on_warning) add(warning{std::move(text)});
  } catch (...) {
    // As with every report: memory did not suffice.
  }
}

void reports::add(report what) {
  waiting_.push_back(std::move(what));
  if (is_posted_) return;
  boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
  is_posted_ = true;
}

/// Off the queue one by one: a listener that runs the event loop itself finds the others there, in order. What is
/// reported meanwhile waits for another turn, since a listener that causes reports must not keep the loop for itself.
void reports::deliver() {
  is_posted_ = false;
  for (auto left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    try {
      deliver_one(next);
    } catch (...) {
      // See the class.
    }
  }
}

void reports::deliver_one(const report& what) const {
  if (const auto* line = std::get_if<std::string>(&what)) return listeners_.log(*line);
  if (const auto* text = std::get_if<warning>(&what)) return listeners_.on_warning(text->text);
  listeners_.on_long_lease(std::get<long_lease>(what));
}

}  // namespace warmwire::detail

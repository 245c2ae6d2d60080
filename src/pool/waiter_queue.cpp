// The queue of one origin's pool.
#include "pool/waiter_queue.hpp"

namespace warmwire::pool {

void waiter_queue::push(request_id request, freshness wanted, time_point now) {
  slot at = free_.back();
  if (at == no_slot) {
    at = static_cast<slot>(waiters_.size());
    waiters_.emplace_back();
  } else {
    free_.erase(waiters_, at);
  }
  waiters_[at].request = request;
  waiters_[at].arrived = now;
  waiters_[at].ticket = ++last_ticket_;
  waiters_[at].wanted = wanted;
  queue(wanted).push_back(waiters_, at);
  index_.insert(request, at);
}

request_id waiter_queue::pop(freshness wanted) {
  const slot at = queue(wanted).front();
  const request_id request = waiters_[at].request;
  index_.take(request);
  release(at);
  return request;
}

bool waiter_queue::remove(request_id request) {
  const slot at = index_.take(request);
  if (at == no_slot) {
    return false;
  }
  release(at);
  return true;
}

void waiter_queue::release(slot at) {
  queue(waiters_[at].wanted).erase(waiters_, at);
  free_.push_back(waiters_, at);
}

}  // namespace warmwire::pool

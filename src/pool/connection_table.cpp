// Filing of the connections of one origin's pool.
#include "pool/connection_table.hpp"

namespace warmwire::pool {

slot connection_table::insert() {
  state_list& free = lists_[static_cast<std::size_t>(connection_state::gone)];
  slot at = free.back();
  if (at == no_slot) {
    at = static_cast<slot>(records_.size());
    records_.emplace_back();
  } else {
    free.erase(records_, at);
  }
  const std::uint32_t generation = records_[at].generation + 1;
  records_[at] = connection_record{};
  records_[at].generation = generation;
  records_[at].state = connection_state::connecting;
  lists_[static_cast<std::size_t>(connection_state::connecting)].push_back(records_, at);
  ++counts_.connecting;
  return at;
}

void connection_table::erase(slot at) {
  leave(at);
  expire_by_age(at, time_point::max());
  rest_until(at, time_point::max());
  if (records_[at].has_age) {
    records_[at].has_age = false;
    ages_.erase(records_, at);
  }
  records_[at].state = connection_state::gone;
  lists_[static_cast<std::size_t>(connection_state::gone)].push_back(records_, at);
}

slot connection_table::find(connection_id id) const noexcept {
  const auto value = static_cast<std::uint64_t>(id);
  const auto at = static_cast<slot>(value);
  if (at >= records_.size() || records_[at].generation != value >> 32 || records_[at].state == connection_state::gone) {
    return no_slot;
  }
  return at;
}

connection_id connection_table::id_of(slot at) const noexcept {
  return connection_id{std::uint64_t{records_[at].generation} << 32 | at};
}

void connection_table::place(slot at, connection_state state) {
  connection_record& record = records_[at];
  if (record.state == state) {
    return;
  }
  leave(at);
  record.state = state;
  lists_[static_cast<std::size_t>(state)].push_back(records_, at);
  ++gauge(state);
  if (state == connection_state::draining) {
    expire_by_age(at, time_point::max());
    rest_until(at, time_point::max());
  }
  if (is_unused(state) && record.has_age) {
    record.has_age = false;
    ages_.erase(records_, at);
  }
}

void connection_table::rotate(slot at) {
  state_list& all = lists_[static_cast<std::size_t>(records_[at].state)];
  if (all.back() != at) {
    all.erase(records_, at);
    all.push_back(records_, at);
  }
}

void connection_table::expire_by_age(slot at, time_point due) {
  if (records_[at].lifetime_position != not_in_heap) {
    lifetimes_.remove(at);
  }
  if (due != time_point::max()) {
    lifetimes_.add(at, due);
  }
}

void connection_table::rest_until(slot at, time_point due) {
  if (is_resting(at)) {
    rests_.remove(at);
  }
  if (due != time_point::max()) {
    rests_.add(at, due);
  }
}

void connection_table::advance(duration asleep) {
  hints_.advance(asleep);
  lifetimes_.advance(asleep);
  for (connection_record& each : records_) {
    each.opened -= asleep;
    if (is_unused(each.state)) {
      each.since -= asleep;
    }
  }
}

void connection_table::make_youngest(slot at) {
  connection_record& record = records_[at];
  if (record.has_age) {
    ages_.erase(records_, at);
  }
  record.has_age = true;
  ages_.push_back(records_, at);
}

std::size_t& connection_table::gauge(connection_state state) noexcept {
  switch (state) {
    case connection_state::connecting:
      return counts_.connecting;
    case connection_state::idle:
    case connection_state::barred:
      return counts_.idle;
    default:
      return counts_.active;
  }
}

void connection_table::leave(slot at) {
  const connection_record& record = records_[at];
  lists_[static_cast<std::size_t>(record.state)].erase(records_, at);
  --gauge(record.state);
  if (record.hint_position != not_in_heap) {
    hints_.remove(at);
  }
}

}  // namespace warmwire::pool

// The script in force and how often each of its rules has matched.
#include "emulator/script_book.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

namespace warmwire::emulator {
namespace {

// A rule for new connections has this single action (see `find_contradiction`).
const fault::end* connection_end(const rule& checked) {
  const auto* end = std::get_if<fault::end>(&checked.actions.front());
  const bool is_early = end && (end->when == fault::moment::accept || end->when == fault::moment::handshake);
  return is_early ? end : nullptr;
}

bool matches(const std::optional<std::uint64_t>& wanted, std::uint64_t number) {
  return !wanted || *wanted == number;
}

bool is_every(const std::optional<std::uint64_t>& wanted, std::uint64_t number) {
  return !wanted || number % *wanted == 0;
}

bool is_for(const selector& when, const script_book::arrival& seen) {
  return matches(when.request, seen.request) && is_every(when.every, seen.request) &&
         matches(when.connection, seen.connection) && matches(when.connection_request, seen.connection_request) &&
         seen.target.starts_with(when.path);
}

bool take_turn(const selector& when, std::uint64_t& matches_so_far) {
  if (when.times && matches_so_far >= *when.times) return false;
  ++matches_so_far;
  return true;
}

void check(const script& rules) {
  for (const rule& each : rules.rules) {
    if (const auto contradiction = find_contradiction(each))
      throw std::invalid_argument("fault script: " + *contradiction);
  }
}

}  // namespace

script_book::script_book(script rules) {
  replace(std::move(rules));
}

void script_book::replace(script rules) {
  check(rules);
  const std::lock_guard lock(mutex_);
  script_ = std::move(rules);
  matches_.assign(script_.rules.size(), 0);
}

std::optional<fault::end> script_book::on_connection(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  std::optional<fault::end> decided;
  for (std::size_t i = 0; i < script_.rules.size(); ++i) {
    const auto& [when, actions] = script_.rules[i];
    const fault::end* end = connection_end(script_.rules[i]);
    if (end == nullptr || !matches(when.connection, connection) || !is_every(when.every, connection)) continue;
    if (take_turn(when, matches_[i])) decided = *end;
  }
  return decided;
}

behaviour script_book::on_request(const arrival& seen) {
  const std::lock_guard lock(mutex_);
  behaviour merged;
  for (std::size_t i = 0; i < script_.rules.size(); ++i) {
    const auto& [when, actions] = script_.rules[i];
    if (connection_end(script_.rules[i]) != nullptr || !is_for(when, seen) || !take_turn(when, matches_[i])) continue;
    for (const action& each : actions)
      merged.apply(each);
  }
  return merged;
}

}  // namespace warmwire::emulator

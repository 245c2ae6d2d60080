#include "net/lookup_list.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::net {
namespace {

constexpr std::size_t most_silent_names = 256;

}  // namespace

std::optional<lookup_list::number> lookup_list::add(const std::string& host) {
  const auto same = std::ranges::find(waiting_, host, &lookup::host);
  if (same != waiting_.end()) return same->id;
  if (waiting_.size() >= limits_.waiting) return std::nullopt;
  waiting_.push_back({.id = ++numbers_, .host = host});
  return numbers_;
}

std::optional<lookup_list::lookup> lookup_list::take(time_point now) {
  const auto silent = silent_runs(now);
  const auto next = std::ranges::find_if(waiting_, [&](const lookup& each) { return may_run(each.host, silent, now); });
  if (next == waiting_.end()) return std::nullopt;
  auto taken = std::move(*next);
  waiting_.erase(next);
  running_.emplace(taken.id, run{.host = taken.host, .begun = now});
  return taken;
}

void lookup_list::ended(number id, time_point now) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const auto& [host, begun] = found->second;
  std::erase(silent_names_, host);
  if (now - begun >= limits_.silent_after) remember_silence(host);
  running_.erase(found);
}

std::size_t lookup_list::ready(time_point now, std::size_t enough) const {
  const auto silent = silent_runs(now);
  std::size_t count = 0;
  for (const auto& each : waiting_) {
    if (count == enough) break;
    if (may_run(each.host, silent, now)) ++count;
  }
  return count;
}

std::string lookup_list::why_late(const std::string& host, time_point now) const {
  if (std::ranges::find(waiting_, host, &lookup::host) == waiting_.end() || running_.empty()) return {};
  const auto& oldest =
      std::ranges::min_element(running_, {}, [](const auto& entry) { return entry.second.begun; })->second;
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - oldest.begun);
  std::string text("it waits for one of the ");
  text.append(std::to_string(running_.size())).append(" look-ups that run, the oldest of ").append(oldest.host);
  return text.append(" for ").append(std::to_string(age.count())).append(" s");
}

bool lookup_list::is_silent(const run& what, time_point now) const {
  return now - what.begun >= limits_.silent_after || std::ranges::find(silent_names_, what.host) != silent_names_.end();
}

std::size_t lookup_list::silent_runs(time_point now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(running_, [&](const auto& entry) { return is_silent(entry.second, now); }));
}

bool lookup_list::may_run(const std::string& host, std::size_t silent, time_point now) const {
  if (running_.size() >= limits_.threads) return false;
  std::size_t own = 0;
  bool was_silent = std::ranges::find(silent_names_, host) != silent_names_.end();
  for (const auto& [id, each] : running_) {
    if (each.host != host) continue;
    ++own;
    was_silent = was_silent || is_silent(each, now);
  }
  return own < limits_.per_name && (!was_silent || silent < limits_.silent);
}

void lookup_list::remember_silence(const std::string& host) {
  silent_names_.push_back(host);
  if (silent_names_.size() > most_silent_names) silent_names_.pop_front();
}

}  // namespace warmwire::net

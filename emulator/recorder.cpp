// Keeps the report.
#include "emulator/recorder.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace warmwire::emulator {
namespace {

// Cuts to the newer half only when the list is twice as long as promised: a constant cost per entry.
template <class Entry>
void forget_old(std::vector<Entry>& entries, std::size_t kept) {
  if (entries.size() >= 2 * kept) entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(kept));
}

// How good a name is for the id of a request; 0 when it is another's.
int rank_of(std::string_view name) {
  if (boost::beast::iequals(name, "x-request-id")) return 2;
  return boost::beast::iequals(name, "x-client-request-id") ? 1 : 0;
}

}  // namespace

std::string_view id_of(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string_view found;
  int best = 0;
  for (const auto& [name, value] : headers) {
    const int rank = rank_of(name);
    if (rank <= best) continue;
    best = rank;
    found = value;
  }
  return found;
}

std::uint64_t recorder::on_connected() {
  const std::lock_guard lock(mutex_);
  forget_old(report_.history, kept_connections);
  const std::uint64_t number = ++report_.connections;
  ++report_.open_connections;
  report_.history.push_back({.number = number});
  announce();
  return number;
}

std::uint64_t recorder::next_request_number() {
  const std::lock_guard lock(mutex_);
  return ++heads_;
}

void recorder::on_resumed(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) entry->tls_resumed = true;
  announce();
}

void recorder::on_protocol(std::uint64_t connection, std::string_view protocol) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) entry->protocol = protocol;
  announce();
}

void recorder::on_request(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  count_request(connection);
}

void recorder::on_request(seen_request seen) {
  const std::lock_guard lock(mutex_);
  if (seen.body.size() > kept_body_bytes) seen.body.resize(kept_body_bytes);
  const std::string_view id = id_of(seen.headers);
  arrival_count* counted = counts_of(id);
  if (counted != nullptr) ++counted->arrived;
  if (counted == nullptr && !id.empty()) ++report_.ids_not_counted;
  forget_old(report_.arrivals, kept_requests);
  report_.arrivals.push_back(std::move(seen));
  count_request(report_.arrivals.back().connection);
}

void recorder::on_unprocessed(std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (arrival_count* counted = counts_of(id)) ++counted->refused;
  announce();
}

void recorder::on_unknown(std::string_view path, const std::set<std::string>& fields) {
  if (fields.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const std::string& field : fields) {
    std::string name = std::string(path.substr(0, kept_id_bytes)).append(" ").append(field);
    const bool has_room = report_.unknown_fields.size() < kept_unknown;
    if (has_room || report_.unknown_fields.contains(name)) ++report_.unknown_fields[std::move(name)];
  }
  announce();
}

std::uint64_t recorder::on_stream(std::uint64_t connection, std::size_t open) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) {
    ++entry->streams;
    entry->max_streams_at_once = std::max<std::uint64_t>(entry->max_streams_at_once, open);
  }
  announce();
  return ++heads_;
}

void recorder::on_stream_refused(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) ++entry->streams_refused;
  announce();
}

void recorder::on_stream_reset(std::uint64_t connection, std::string_view code) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) ++entry->resets[std::string(code)];
  announce();
}

void recorder::on_ping(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) ++entry->pings;
  announce();
}

void recorder::on_goaway(std::uint64_t connection, std::string_view code) {
  const std::lock_guard lock(mutex_);
  if (seen_connection* entry = find(connection)) entry->goaway = code;
  announce();
}

void recorder::on_ending(std::uint64_t connection, std::string_view ended_by) {
  const std::lock_guard lock(mutex_);
  seen_connection* entry = find(connection);
  if (entry != nullptr && entry->ended_by.empty()) entry->ended_by = ended_by;
  announce();
}

void recorder::on_closed(std::uint64_t connection, std::string_view ended_by) {
  const std::lock_guard lock(mutex_);
  --report_.open_connections;
  if (seen_connection* entry = find(connection)) {
    entry->open = false;
    if (entry->ended_by.empty()) entry->ended_by = ended_by;
  }
  announce();
}

report recorder::snapshot() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

id_counts recorder::take_ids() {
  const std::lock_guard lock(mutex_);
  return std::exchange(report_.ids, {});
}

bool recorder::wait_for(const std::function<bool(const report&)>& condition, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  ++waiters_;
  const bool held = changed_.wait_for(lock, limit, [&] { return condition(report_); });
  --waiters_;
  return held;
}

seen_connection* recorder::find(std::uint64_t connection) {
  auto& history = report_.history;
  if (history.empty() || connection < history.front().number) return nullptr;
  return &history[static_cast<std::size_t>(connection - history.front().number)];
}

void recorder::count_request(std::uint64_t connection) {
  ++report_.requests;
  if (seen_connection* entry = find(connection)) ++entry->requests;
  announce();
}

arrival_count* recorder::counts_of(std::string_view id) {
  const auto known = report_.ids.find(id);
  if (known != report_.ids.end()) return &known->second;
  if (id.empty() || id.size() > kept_id_bytes || report_.ids.size() >= kept_ids) return nullptr;
  return &report_.ids.emplace(id, arrival_count{}).first->second;
}

void recorder::announce() {
  if (waiters_ > 0) changed_.notify_all();
}

}  // namespace warmwire::emulator

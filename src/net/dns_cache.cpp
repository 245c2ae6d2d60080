#include "net/dns_cache.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds day = std::chrono::hours(24);
constexpr std::size_t most_names = 1'000'000;

std::string in_ms(milliseconds value) {
  return std::to_string(value.count()).append(" ms");
}

error out_of_range(std::string_view field, const std::string& value, const std::string& range) {
  std::string message("dns.");
  message.append(field).append(" is ").append(value).append("; it must be from ").append(range);
  return {.code = errc::invalid_option, .message = std::move(message)};
}

}  // namespace

result<void> check(const dns_options& options) {
  struct duration {
    std::string_view field;
    milliseconds value;
    milliseconds least;
  };
  for (const auto& [field, value, least] :
       {duration{"min_ttl", options.min_ttl, {}}, duration{"max_ttl", options.max_ttl, options.min_ttl},
        duration{"default_ttl", options.default_ttl, {}}, duration{"stale_for", options.stale_for, {}}}) {
    if (value < least || day < value) return out_of_range(field, in_ms(value), in_ms(least) + " to 24 h");
  }
  if (options.max_names < 1 || options.max_names > most_names) {
    return out_of_range("max_names", std::to_string(options.max_names), "1 to 1,000,000");
  }
  return {};
}

dns_cache::finding dns_cache::find(std::string_view host, time_point now) {
  auto& known = touch(host);
  const bool has_answer = !known.found.empty();
  if (has_answer && now < known.fresh_until) return {.found = known.found};
  if (has_answer && now < known.paused_until && now < known.stale_until) return {.found = known.found};
  if (known.query && now - known.query->asked < query_patience) {
    return {.what = finding::kind::join, .query = known.query->id};
  }
  known.query = running_query{.id = query_id{++queries_}, .asked = now};
  return {.what = finding::kind::ask, .query = known.query->id};
}

void dns_cache::succeeded(std::string_view host, query_id query, addresses found, std::optional<milliseconds> ttl,
                          time_point now) {
  auto* known = answered(host, query);
  if (known == nullptr) return;
  known->found = std::move(found);
  known->learned_at = now;
  known->fresh_until = now + std::clamp(ttl.value_or(options_.default_ttl), options_.min_ttl, options_.max_ttl);
  known->stale_until = known->fresh_until + options_.stale_for;
  known->paused_until = {};
}

void dns_cache::failed(std::string_view host, query_id query, time_point now) {
  auto* known = answered(host, query);
  if (known == nullptr) return;
  known->paused_until = now + asking_pause;
  if (!known->found.empty()) return;
  const auto place = by_host_.find(host)->second;
  by_host_.erase(place->host);
  entries_.erase(place);
}

std::optional<addresses> dns_cache::stale(std::string_view host, time_point now) const {
  const auto found = by_host_.find(host);
  if (found == by_host_.end()) return std::nullopt;
  const auto& known = *found->second;
  if (known.found.empty() || now >= known.stale_until) return std::nullopt;
  return known.found;
}

void dns_cache::distrust(std::string_view host, time_point now) {
  const auto found = by_host_.find(host);
  if (found == by_host_.end()) return;
  auto& known = *found->second;
  known.fresh_until = std::min(known.fresh_until, std::max(now, known.learned_at + asking_pause));
}

void dns_cache::forget() {
  by_host_.clear();
  entries_.clear();
}

bool dns_cache::is_running(std::string_view host, query_id query) const {
  const auto found = by_host_.find(host);
  return found != by_host_.end() && found->second->query && found->second->query->id == query;
}

dns_cache::entry& dns_cache::touch(std::string_view host) {
  const auto found = by_host_.find(host);
  if (found != by_host_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  entries_.push_front({.host = std::string(host)});
  by_host_.emplace(entries_.front().host, entries_.begin());
  if (entries_.size() > options_.max_names) {
    by_host_.erase(entries_.back().host);
    entries_.pop_back();
  }
  return entries_.front();
}

/// The entry whose running query this was.
dns_cache::entry* dns_cache::answered(std::string_view host, query_id query) {
  if (!is_running(host, query)) return nullptr;
  auto& known = *by_host_.find(host)->second;
  known.query.reset();
  return &known;
}

}  // namespace warmwire::net

#include "net/session_cache.hpp"

#include <ctime>
#include <utility>

namespace warmwire::net {
namespace {

std::time_t time_of(const SSL_SESSION* session) {
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
  return SSL_SESSION_get_time_ex(session);
#else
  return static_cast<std::time_t>(SSL_SESSION_get_time(session));
#endif
}

bool is_usable(const SSL_SESSION* session) {
  if (SSL_SESSION_is_resumable(session) != 1) return false;
  return std::time(nullptr) < time_of(session) + SSL_SESSION_get_timeout(session);
}

}  // namespace

void session_cache::put(const std::string& key, ssl_session_ptr session) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    entries_.push_front({.key = key, .sessions = {}});
    by_key_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() > max_keys) {
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }
  auto& sessions = entries_.front().sessions;
  sessions.push_back(std::move(session));
  if (sessions.size() > max_sessions_per_key) sessions.pop_front();
}

ssl_session_ptr session_cache::take(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  auto& sessions = entries_.front().sessions;
  while (!sessions.empty()) {
    SSL_SESSION* newest = sessions.back().get();
    if (is_usable(newest) && SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(newest);
      return ssl_session_ptr(newest);
    }
    auto taken = std::move(sessions.back());
    sessions.pop_back();
    if (is_usable(taken.get())) return taken;
  }
  return nullptr;
}

std::size_t session_cache::size(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? 0 : found->second->sessions.size();
}

}  // namespace warmwire::net

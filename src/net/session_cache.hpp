// TLS sessions kept for resumption, by key. Owned by a tls_context; on its executor.
#pragma once

#include "net/openssl_ptr.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace warmwire::net {

class session_cache {
 public:
  static constexpr std::size_t max_sessions_per_key = 64;
  static constexpr std::size_t max_keys = 1024;

  /// Keeps a session as its key's newest. What is too much is forgotten: the key's oldest session, the key that was
  /// used least recently.
  void put(const std::string& key, ssl_session_ptr session);
  /// The newest session of a key, or nothing. One of TLS 1.3 leaves the cache, since a ticket that is sent twice lets
  /// an observer link the connections (RFC 8446 §C.4); one of TLS 1.2 stays.
  [[nodiscard]] ssl_session_ptr take(std::string_view key);

  [[nodiscard]] std::size_t size(std::string_view key) const;
  [[nodiscard]] std::size_t keys() const noexcept { return entries_.size(); }

 private:
  struct entry {
    std::string key;
    std::deque<ssl_session_ptr> sessions;  // oldest first
  };
  using entries = std::list<entry>;

  entries entries_;                                                 // most recently used first
  std::unordered_map<std::string_view, entries::iterator> by_key_;  // views of the entries' keys
};

}  // namespace warmwire::net

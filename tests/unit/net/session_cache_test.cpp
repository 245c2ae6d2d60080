#include "net/session_cache.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace warmwire::net::session_cache_test {
namespace {

ssl_session_ptr make_session(int version, unsigned char id) {
  ssl_session_ptr session(SSL_SESSION_new());
  SSL_SESSION_set_protocol_version(session.get(), version);
  SSL_SESSION_set1_id(session.get(), &id, 1);  // only a session with an id can be resumed
  SSL_SESSION_set_timeout(session.get(), 7200);
  return session;
}

int id_of(const ssl_session_ptr& session) {
  unsigned int size = 0;
  const unsigned char* id = session == nullptr ? nullptr : SSL_SESSION_get_id(session.get(), &size);
  return size == 0 ? -1 : id[0];
}

TEST(session_cache, tls_1_3_sessions_are_given_out_once_newest_first) {
  session_cache cache;
  cache.put("a", make_session(TLS1_3_VERSION, 1));
  cache.put("a", make_session(TLS1_3_VERSION, 2));
  EXPECT_EQ(id_of(cache.take("a")), 2);
  EXPECT_EQ(id_of(cache.take("a")), 1);
  EXPECT_EQ(cache.take("a"), nullptr);
}

TEST(session_cache, tls_1_2_sessions_stay) {
  session_cache cache;
  cache.put("a", make_session(TLS1_2_VERSION, 1));
  EXPECT_EQ(id_of(cache.take("a")), 1);
  EXPECT_EQ(id_of(cache.take("a")), 1);
  EXPECT_EQ(cache.size("a"), 1U);
}

TEST(session_cache, keys_do_not_share) {
  session_cache cache;
  cache.put("a", make_session(TLS1_3_VERSION, 1));
  EXPECT_EQ(cache.take("b"), nullptr);
  EXPECT_EQ(id_of(cache.take("a")), 1);
}

TEST(session_cache, the_oldest_of_a_key_is_forgotten_beyond_the_limit) {
  session_cache cache;
  const auto limit = static_cast<int>(session_cache::max_sessions_per_key);
  for (int id = 0; id <= limit; ++id)
    cache.put("a", make_session(TLS1_3_VERSION, static_cast<unsigned char>(id)));
  EXPECT_EQ(cache.size("a"), session_cache::max_sessions_per_key);
  for (int id = limit; id >= 1; --id)
    EXPECT_EQ(id_of(cache.take("a")), id);
  EXPECT_EQ(cache.take("a"), nullptr);
}

TEST(session_cache, the_key_used_least_recently_is_forgotten_beyond_the_limit) {
  session_cache cache;
  cache.put("first", make_session(TLS1_2_VERSION, 1));
  cache.put("second", make_session(TLS1_2_VERSION, 2));
  for (std::size_t i = 2; i < session_cache::max_keys; ++i) {
    cache.put("key " + std::to_string(i), make_session(TLS1_2_VERSION, 3));
  }
  EXPECT_NE(cache.take("first"), nullptr);  // used: now "second" is the one
  cache.put("one more", make_session(TLS1_2_VERSION, 4));
  EXPECT_EQ(cache.keys(), session_cache::max_keys);
  EXPECT_EQ(cache.take("second"), nullptr);
  EXPECT_NE(cache.take("first"), nullptr);
  EXPECT_NE(cache.take("one more"), nullptr);
}

TEST(session_cache, expired_sessions_are_not_given_out) {
  session_cache cache;
  cache.put("a", make_session(TLS1_3_VERSION, 1));
  auto expired = make_session(TLS1_3_VERSION, 2);
  SSL_SESSION_set_time(expired.get(), static_cast<long>(std::time(nullptr)) - 7200);
  cache.put("a", std::move(expired));
  EXPECT_EQ(id_of(cache.take("a")), 1);
  EXPECT_EQ(cache.size("a"), 0U);
}

}  // namespace
}  // namespace warmwire::net::session_cache_test

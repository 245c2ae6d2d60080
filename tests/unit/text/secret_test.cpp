// A secret leaves no copy of its text in memory that it gives up.
#include <warmwire/secret.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace warmwire::secret_test {
namespace {

// Short enough to lie within the string itself, where a test may look after its end.
constexpr auto short_key = "sk-0123456789";
// A string that is merely cleared loses its first byte.
constexpr std::string_view most_of_it = std::string_view(short_key).substr(3);
const std::string long_key = "sk-" + std::string(200, 'k');

static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);

/// Memory that outlives the secret in it.
class room {
 public:
  secret& make(secret from) { return *new (bytes_.data()) secret(std::move(from)); }

  [[nodiscard]] bool shows(std::string_view text) const {
    return std::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()).find(text) !=
           std::string_view::npos;
  }

 private:
  alignas(secret) std::array<std::byte, sizeof(secret)> bytes_{};
};

TEST(secret, is_overwritten_when_it_ends) {
  room where;
  auto& key = where.make(secret(short_key));
  ASSERT_TRUE(where.shows(short_key));
  std::destroy_at(&key);
  EXPECT_FALSE(where.shows(most_of_it));
}

TEST(secret, is_overwritten_where_it_was_moved_from) {
  room where;
  auto& key = where.make(secret(short_key));
  const secret moved(std::move(key));
  EXPECT_FALSE(where.shows(most_of_it));
  key = secret(short_key);
  secret assigned;
  assigned = std::move(key);
  EXPECT_FALSE(where.shows(most_of_it));
  EXPECT_EQ(moved.reveal(), short_key);
  EXPECT_EQ(assigned.reveal(), short_key);
  std::destroy_at(&key);
}

TEST(secret, is_overwritten_by_what_is_assigned_to_it) {
  // An assigned text that is short stays in the memory of the long one before it, or gives that back.
  room where;
  auto& key = where.make(secret(short_key));
  key = secret("x");
  EXPECT_FALSE(where.shows(most_of_it));
  key = secret(short_key);
  const secret other("y");
  key = other;
  EXPECT_FALSE(where.shows(most_of_it));
  std::destroy_at(&key);
}

TEST(secret, survives_assignment_to_itself) {
  for (const auto& text : {std::string(short_key), long_key}) {
    secret key(text);
    auto& same = key;
    key = same;
    EXPECT_EQ(key.reveal(), text);
    key = std::move(same);
    EXPECT_EQ(key.reveal(), text);
  }
}

TEST(secret, copies_are_independent) {
  for (const auto& text : {std::string(short_key), long_key}) {
    secret copy;
    {
      const secret key(text);
      const secret constructed(key);
      copy = constructed;
    }
    EXPECT_EQ(copy.reveal(), text);
    EXPECT_EQ(copy, secret(text));
  }
}

TEST(secret, takes_a_string_that_is_moved_in_whole) {
  std::string text = short_key;
  const secret key(std::move(text));
  EXPECT_EQ(key.reveal(), short_key);
  std::ostringstream shown;
  shown << key << secret();
  EXPECT_EQ(shown.str(), "[redacted][empty]");
}

}  // namespace
}  // namespace warmwire::secret_test

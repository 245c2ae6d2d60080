#include <warmwire/headers.hpp>

#include <gtest/gtest.h>

#include <string>

namespace warmwire::headers_test {
namespace {

std::string text_of(const headers& fields) {
  std::string text;
  for (const auto& field : fields)
    text += field.name + '=' + field.value + ';';
  return text;
}

TEST(headers, keep_their_order_and_repeated_names) {
  headers fields{{"A", "1"}, {"B", "2"}};
  fields.add("a", "3");
  EXPECT_EQ(text_of(fields), "A=1;B=2;a=3;");
  EXPECT_EQ(fields.size(), 3U);
}

TEST(headers, names_are_found_without_regard_to_case) {
  const headers fields{{"Content-Type", "text/plain"}, {"content-type", "other"}};
  ASSERT_NE(fields.find("CONTENT-TYPE"), nullptr);
  EXPECT_EQ(fields.get("CONTENT-TYPE"), "text/plain");
  EXPECT_TRUE(fields.contains("content-TYPE"));
  EXPECT_FALSE(fields.contains("content-typ"));
  EXPECT_EQ(fields.find("missing"), nullptr);
  EXPECT_EQ(fields.get("missing"), "");
}

TEST(headers, case_folding_is_ascii_only) {
  const headers fields{{"X-[", "1"}};
  EXPECT_FALSE(fields.contains("X-{"));
}

TEST(headers, set_replaces_all_of_a_name_in_the_first_ones_place) {
  headers fields{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  fields.set("a", "9");
  EXPECT_EQ(text_of(fields), "A=9;B=2;");
  fields.set("C", "4");
  EXPECT_EQ(text_of(fields), "A=9;B=2;C=4;");
}

TEST(headers, set_and_remove_take_a_name_out_of_the_list_itself) {
  headers fields{{"A", "1"}, {"A", "2"}, {"B", "3"}, {"B", "4"}};
  fields.set((fields.begin() + 1)->name, "9");
  EXPECT_EQ(text_of(fields), "A=9;B=3;B=4;");
  fields.remove((fields.begin() + 1)->name);
  EXPECT_EQ(text_of(fields), "A=9;");
}

}  // namespace
}  // namespace warmwire::headers_test

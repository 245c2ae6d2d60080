// The sources keep to the layers, and the rules that say so notice when they do not.
#include "tests/unit/layering/include_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace warmwire::layering::layering_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

source_tree read_sources(const std::filesystem::path& root) {
  source_tree tree;
  for (const auto* folder : {"include", "src", "emulator", "cli", "examples"}) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".hpp" && extension != ".cpp") continue;
      std::ifstream file(entry.path());
      tree[std::filesystem::relative(entry.path(), root).generic_string()] = {std::istreambuf_iterator<char>(file),
                                                                              std::istreambuf_iterator<char>()};
    }
  }
  return tree;
}

TEST(layering, sources_keep_to_the_layers) {
  const auto tree = read_sources(WARMWIRE_SOURCE_DIR);
  ASSERT_TRUE(tree.contains("src/separate/asio.cpp")) << "read the wrong folder: " << WARMWIRE_SOURCE_DIR;
  EXPECT_THAT(violations(tree), IsEmpty());
}

TEST(layering, a_folder_includes_itself_and_what_is_below_it) {
  EXPECT_THAT(violations({{"src/pool/a.cpp", "#include \"pool/a.hpp\"\n#include \"http/b.hpp\"\n"},
                          {"src/client/a.cpp", "#include <warmwire/client.hpp>\n#include \"net/b.hpp\"\n"},
                          {"emulator/a.cpp", "#include \"emulator/a.hpp\"\n#include \"http/b.hpp\"\n"},
                          {"cli/a.cpp", "#include \"cli/a.hpp\"\n#include \"emulator/a.hpp\"\n"}}),
              IsEmpty());
}

TEST(layering, an_include_that_points_up_is_rejected) {
  EXPECT_THAT(violations({{"src/http/a.hpp", "#include \"pool/b.hpp\"\n"}}),
              ElementsAre("src/http/a.hpp must not include pool/b.hpp"));
  EXPECT_THAT(violations({{"src/net/a.cpp", "  #  include \"connection/b.hpp\"\n"}}),
              ElementsAre("src/net/a.cpp must not include connection/b.hpp"));
  EXPECT_THAT(violations({{"include/warmwire/a.hpp", "#include \"http/b.hpp\"\n"}}),
              ElementsAre("include/warmwire/a.hpp must not include http/b.hpp"));
  EXPECT_THAT(violations({{"src/client/a.cpp", "#include \"emulator/b.hpp\"\n"}}),
              ElementsAre("src/client/a.cpp must not include emulator/b.hpp"));
}

TEST(layering, programs_use_the_public_interface) {
  EXPECT_THAT(violations({{"cli/a.cpp", "#include \"pool/b.hpp\"\n"}}),
              ElementsAre("cli/a.cpp must not include pool/b.hpp"));
  EXPECT_THAT(violations({{"examples/a.cpp", "#include \"emulator/b.hpp\"\n"}}),
              ElementsAre("examples/a.cpp must not include emulator/b.hpp"));
}

TEST(layering, an_include_without_a_folder_or_by_a_relative_path_is_rejected) {
  EXPECT_THAT(violations({{"src/pool/a.cpp", "#include \"a.hpp\"\n"}}),
              ElementsAre("src/pool/a.cpp must not include a.hpp"));
  EXPECT_THAT(violations({{"src/pool/a.cpp", "#include \"pool/../pool/a.hpp\"\n"}}),
              ElementsAre("src/pool/a.cpp includes by a relative path pool/../pool/a.hpp"));
}

TEST(layering, a_new_folder_needs_a_layer) {
  EXPECT_THAT(violations({{"src/misc/a.cpp", ""}}), ElementsAre("src/misc/a.cpp is in a folder that has no layer"));
}

TEST(layering, pure_layers_reach_no_asio_even_through_other_headers) {
  EXPECT_THAT(violations({{"src/pool/a.hpp", "#include <boost/asio/steady_timer.hpp>\n"}}),
              ElementsAre("src/pool/a.hpp is pure but reaches boost/asio/steady_timer.hpp"));
  EXPECT_THAT(violations({{"src/http/a.hpp", "#include <warmwire/b.hpp>\n"},
                          {"include/warmwire/b.hpp", "#include <warmwire/c.hpp>\n"},
                          {"include/warmwire/c.hpp", "#include <boost/asio.hpp>\n"}}),
              ElementsAre("src/http/a.hpp is pure but reaches boost/asio.hpp"));
}

TEST(layering, pure_layers_read_no_clock) {
  EXPECT_THAT(violations({{"src/pool/a.cpp", "auto t = std::chrono::steady_clock::now();"}}),
              ElementsAre("src/pool/a.cpp is pure but reads a clock"));
  EXPECT_THAT(violations({{"src/http/a.cpp", "auto t = time(nullptr);"}}),
              ElementsAre("src/http/a.cpp is pure but reads a clock"));
  EXPECT_THAT(violations({{"src/pool/a.cpp", "// never calls clock::now()\nauto t = event.now();\n"},
                          {"src/net/a.cpp", "auto t = std::chrono::steady_clock::now();"}}),
              IsEmpty());
}

TEST(layering, public_headers_export_what_they_declare) {
  for (const auto& [path, text] : read_sources(WARMWIRE_SOURCE_DIR)) {
    if (!path.starts_with("include/") || path.starts_with("include/warmwire/detail/")) continue;
    EXPECT_THAT(text, HasSubstr("\nnamespace WARMWIRE_PUBLIC warmwire {\n")) << path;
    EXPECT_THAT(text, Not(HasSubstr("\nnamespace warmwire {"))) << path << ": a shared library would hide this";
  }
}

TEST(layering, public_headers_hide_the_libraries_behind_them) {
  for (const std::string name : {"openssl/ssl.h", "nghttp2/nghttp2.h", "boost/beast/http.hpp"}) {
    EXPECT_THAT(violations({{"include/warmwire/a.hpp", "#include <" + name + ">\n"}}),
                ElementsAre("include/warmwire/a.hpp shows its users " + name));
  }
}

TEST(layering, the_blocking_interface_reaches_no_asio) {
  EXPECT_THAT(violations({{"include/warmwire/client.hpp", "#include <warmwire/b.hpp>\n"},
                          {"include/warmwire/b.hpp", "#include <boost/asio/awaitable.hpp>\n"}}),
              ElementsAre("include/warmwire/client.hpp is blocking but reaches boost/asio/awaitable.hpp"));
}

}  // namespace
}  // namespace warmwire::layering::layering_test

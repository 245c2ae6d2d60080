// What `warmwire --version` says. Compiled anew for each commit, so nothing else is in here.
#include "cli/version.hpp"

#include "cli/commit.hpp"  // made by each build, see cmake/write_commit.cmake

#include <boost/version.hpp>
#include <nghttp2/nghttp2.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include <string_view>

namespace warmwire::cli {
namespace {

constexpr std::string_view commit_of_build = WARMWIRE_COMMIT;

constexpr std::string_view compiler =
#if defined(__clang__)
    "clang " __clang_version__;
#elif defined(__GNUC__)
    "GCC " __VERSION__;
#else
    "unknown";
#endif

// 108100 is Boost 1.81.0.
std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1'000) + "." +
         std::to_string(BOOST_VERSION % 100);
}

std::string library_line(std::string_view name, std::string_view running, std::string_view built_with) {
  std::string line(name);
  line.append(" ").append(running);
  if (running != built_with) line.append(" (built with ").append(built_with).append(")");
  return line.append("\n");
}

}  // namespace

std::string version_text() {
  std::string text = "warmwire " WARMWIRE_VERSION;
  if (!commit_of_build.empty()) text.append(" (").append(commit_of_build).append(")");
  text.append("\ncompiler ").append(compiler).append("\nBoost ").append(boost_version()).append("\n");
  text += library_line("OpenSSL", ::OpenSSL_version(OPENSSL_VERSION_STRING), OPENSSL_VERSION_STR);
  text += library_line("nghttp2", ::nghttp2_version(0)->version_str, NGHTTP2_VERSION);
  text.pop_back();  // whoever prints it ends the line
  return text;
}

}  // namespace warmwire::cli

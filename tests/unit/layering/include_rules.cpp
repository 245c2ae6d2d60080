// See include_rules.hpp.
#include "tests/unit/layering/include_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <set>
#include <span>
#include <sstream>
#include <string_view>

namespace warmwire::layering {
namespace {

using namespace std::string_view_literals;

// From the bottom up: a folder includes from itself and from what stands before it.
constexpr std::array library_layers = {
    "include/warmwire"sv, "src/text"sv,      "src/http"sv,    "src/pool"sv,   "src/providers"sv, "src/net"sv,
    "src/connection"sv,   "src/transport"sv, "src/monitor"sv, "src/client"sv, "emulator"sv,
};

// The programs see what a user of the library sees, and the command the emulator too, and the gate before a terminal.
constexpr std::array cli_includes = {"include/warmwire"sv, "src/text"sv, "emulator"sv, "cli"sv};
constexpr std::array example_includes = {"include/warmwire"sv};

// Holds the separately compiled parts of Boost, nothing of ours.
constexpr auto separate = "src/separate"sv;

constexpr std::array pure_layers = {"src/text"sv, "src/http"sv, "src/pool"sv, "src/providers"sv};
constexpr std::array io_libraries = {"boost/asio"sv, "boost/beast"sv,  "openssl/"sv,
                                     "nghttp2/"sv,   "sys/socket.h"sv, "netdb.h"sv};

// What the library uses and its users must not see.
constexpr std::array private_libraries = {"boost/beast"sv, "openssl/"sv, "nghttp2/"sv,
                                          "zlib.h"sv,      "brotli/"sv,  "zstd.h"sv};

// The blocking interface compiles fast because no Asio is behind it.
constexpr std::array blocking_headers = {"include/warmwire/client.hpp"sv, "include/warmwire/blocking_transport.hpp"sv};
constexpr std::array asio_library = {"boost/asio"sv};

struct include {
  std::string name;
  bool quoted;
};

bool is_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

std::optional<std::size_t> position(std::string_view path, std::span<const std::string_view> folders) {
  const auto found = std::ranges::find_if(folders, [&](auto folder) { return is_in(path, folder); });
  if (found == folders.end()) return std::nullopt;
  return static_cast<std::size_t>(found - folders.begin());
}

std::vector<include> includes(const std::string& text) {
  static const std::regex directive(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<include> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find('#') == std::string::npos) continue;
    std::smatch match;
    if (std::regex_search(line, match, directive)) found.push_back({match[2], match[1] == "\""});
  }
  return found;
}

// The repository's file that an include means; none for another library's header.
std::optional<std::string> own_file(const include& each) {
  if (each.name.starts_with("warmwire/")) return "include/" + each.name;
  if (!each.quoted) return std::nullopt;
  constexpr std::array from_root = {"emulator"sv, "cli"sv, "tests"sv, "bench"sv, "examples"sv};
  return position(each.name, from_root) ? each.name : "src/" + each.name;
}

bool may_include(std::string_view path, std::string_view target) {
  if (is_in(path, "cli")) return position(target, cli_includes).has_value();
  if (is_in(path, "examples")) return position(target, example_includes).has_value();
  const auto from = position(path, library_layers);
  const auto to = position(target, library_layers);
  return from && to && *to <= *from;
}

bool reads_a_clock(const std::string& text) {
  static const std::regex call(
      R"(::\s*now\s*\(|\b(clock_gettime|gettimeofday)\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\))");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (std::regex_search(line.substr(0, line.find("//")), call)) return true;
  return false;
}

class checker {
 public:
  std::vector<std::string> run(const source_tree& tree) {
    for (const auto& [path, text] : tree)
      includes_[path] = includes(text);
    for (const auto& [path, text] : tree)
      check(path, text);
    return std::move(broken_);
  }

 private:
  void check(const std::string& path, const std::string& text) {
    const bool is_library = is_in(path, "src") || is_in(path, "include");
    if (is_in(path, separate)) return;
    if (is_library && !position(path, library_layers)) complain(path, "is in a folder that has no layer");

    for (const auto& each : includes_[path]) {
      if (each.name.find("..") != std::string::npos) complain(path, "includes by a relative path", each.name);
      const auto target = own_file(each);
      if (target && !may_include(path, *target)) complain(path, "must not include", each.name);
    }
    if (is_in(path, "include")) forbid(path, "shows its users", private_libraries);
    if (position(path, pure_layers)) {
      forbid(path, "is pure but reaches", io_libraries);
      if (reads_a_clock(text)) complain(path, "is pure but reads a clock");
    }
    if (std::ranges::find(blocking_headers, path) != blocking_headers.end())
      forbid(path, "is blocking but reaches", asio_library);
  }

  void forbid(const std::string& path, std::string_view what, std::span<const std::string_view> libraries) {
    for (const auto& name : reachable(path))
      if (std::ranges::any_of(libraries, [&](auto library) { return name.starts_with(library); }))
        complain(path, what, name);
  }

  // Names of every header that a file includes, its own and other libraries', directly or through the tree's files.
  [[nodiscard]] std::set<std::string> reachable(const std::string& path) const {
    std::set<std::string> names;
    std::vector<std::string> to_read{path};
    while (!to_read.empty()) {
      const auto file = includes_.find(to_read.back());
      to_read.pop_back();
      if (file == includes_.end()) continue;
      for (const auto& each : file->second) {
        if (!names.insert(each.name).second) continue;
        if (auto own = own_file(each)) to_read.push_back(*std::move(own));
      }
    }
    return names;
  }

  void complain(const std::string& path, std::string_view what, std::string_view name = {}) {
    broken_.push_back(path + " " + std::string(what) + (name.empty() ? "" : " " + std::string(name)));
  }

  std::map<std::string, std::vector<include>> includes_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> violations(const source_tree& tree) {
  return checker().run(tree);
}

}  // namespace warmwire::layering

// What `warmwire --version` says.
#pragma once

#include <string>

namespace warmwire::cli {

/// The version, the commit where it is known, the compiler, and the libraries that warmwire speaks TLS and HTTP/2 with.
/// Of a library that may be another one now than when warmwire was built, both versions are named if they differ.
[[nodiscard]] std::string version_text();

}  // namespace warmwire::cli

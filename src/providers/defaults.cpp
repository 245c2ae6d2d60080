#include "providers/defaults.hpp"

#include <chrono>

namespace warmwire::providers {

pool_settings default_settings(std::string_view provider) {
  using namespace std::chrono_literals;
  pool_settings settings;
  // Both stand behind an edge that closes after 400 s, but NATs on the way may drop a silent flow after some
  // 240 s.
  if (provider == "openai" || provider == "anthropic") settings.idle_timeout = 240s;
  // Google's front end keeps connections for 610 s.
  if (provider == "google") settings.idle_timeout = 300s;
  return settings;
}

}  // namespace warmwire::providers

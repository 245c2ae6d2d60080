// A program outside the repository, which has only the installed copy.
#include <warmwire/client.hpp>

int main() {
  const warmwire::client_options options;
  return options.api_key.empty() ? 0 : 1;
}

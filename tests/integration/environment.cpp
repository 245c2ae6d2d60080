// The tests reach servers of their own: a proxy that this machine's environment names is none of their business.
#include <cstdlib>
#include <initializer_list>

namespace {

[[maybe_unused]] const bool is_clean = [] {
  for (const char* name :
       {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
    ::unsetenv(name);
  return true;
}();

}  // namespace

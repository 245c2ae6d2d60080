// The system's resolver, getaddrinfo, on threads of its own: a name server that is silent keeps nobody waiting but
// those who want its names, and nobody at the end. Owned by a dialer.
#pragma once

#include "net/lookup_list.hpp"

#include <warmwire/error.hpp>
#include <warmwire/resolver.hpp>

#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>

namespace warmwire::net {

/// Looks a name up and blocks for it; called on several threads at once.
using blocking_lookup = std::function<result<resolved>(const std::string& host)>;

/// getaddrinfo, and with it nsswitch.conf, /etc/hosts and mDNS where the system has them.
[[nodiscard]] result<resolved> ask_system(const std::string& host);

/// Threads are started when they are needed, as many as `limits` allow, and end when they are not. Nobody joins them:
/// getaddrinfo cannot be interrupted. They own what they use, so they may end long after this. Any thread may call.
class system_lookup {
 public:
  explicit system_lookup(blocking_lookup ask = ask_system, const lookup_limits& limits = {});
  system_lookup(const system_lookup&) = delete;
  system_lookup& operator=(const system_lookup&) = delete;
  /// Does not wait for the look-ups that run. Their answers, and those that wait, are dropped.
  ~system_lookup();

  /// As a `resolver`. Errors of its own: too many names wait for a thread; the system has no thread to give.
  void start(const std::string& host, resolve_completion done);

  /// Why a look-up that has not been answered in time still waits; empty when a thread is at it.
  [[nodiscard]] std::string why_late(const std::string& host) const;

 private:
  class state;
  const std::shared_ptr<state> state_;
  const pid_t process_;
};

}  // namespace warmwire::net

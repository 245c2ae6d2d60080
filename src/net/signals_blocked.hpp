// Keeps the program's signal handlers off a thread of the library's: a new thread inherits the mask of its maker.
#pragma once

#include <csignal>

namespace warmwire::net {

/// While it lives the calling thread has every signal blocked, and so have the threads that it starts.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace warmwire::net

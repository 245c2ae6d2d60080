// Reminds connections of what is due. Implemented by whoever owns the one timer; one executor.
#pragma once

#include "pool/deadlines.hpp"

namespace warmwire::connection {

class timekeeper {
 public:
  /// Calls `what.expired` at `when` or soon after it; another time given before replaces it.
  virtual void remind(pool::deadline& what, pool::time_point when) = 0;
  /// Not any more. To be called before `what` is destroyed.
  virtual void forget(pool::deadline& what) = 0;

 protected:
  ~timekeeper() = default;
};

}  // namespace warmwire::connection

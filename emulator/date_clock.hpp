// The Date header's text, made anew once a second. Owned by the server; lives on its executor.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace warmwire::emulator {

class date_clock {
 public:
  /// "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110 §5.6.7). Valid until the next call.
  std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

}  // namespace warmwire::emulator

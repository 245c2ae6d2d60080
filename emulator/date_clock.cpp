// The Date header's text, made anew once a second.
#include "emulator/date_clock.hpp"

#include <array>
#include <cstdio>

namespace warmwire::emulator {
namespace {

// Not strftime's names, which follow the program's locale.
constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view date_clock::now() {
  const std::time_t second = std::time(nullptr);
  if (second == second_) return text_;
  second_ = second;
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::array<char, 64> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                 months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                                 parts.tm_min, parts.tm_sec);
  text_.assign(buffer.data(), static_cast<std::size_t>(size));
  return text_;
}

}  // namespace warmwire::emulator

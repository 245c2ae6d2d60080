#include "providers/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace warmwire::providers {
namespace {

using std::chrono::milliseconds;

// Longer waits mean the same to every caller, and must not overflow when they are added to a time.
constexpr milliseconds longest = std::chrono::hours(24 * 365);

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<milliseconds> wait(std::string_view text, double milliseconds_each) {
  const auto value = number<double>(text);
  if (!value || !(*value >= 0)) return std::nullopt;
  const double wanted = *value * milliseconds_each;
  if (wanted >= static_cast<double>(longest.count())) return longest;
  return milliseconds(static_cast<milliseconds::rep>(wanted));
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent (RFC 9110 §5.6.7).
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto day = number<unsigned>(text.substr(5, 2));
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  const auto year = number<int>(text.substr(12, 4));
  const auto hour = number<int>(text.substr(17, 2));
  const auto minute = number<int>(text.substr(20, 2));
  const auto second = number<int>(text.substr(23, 2));
  if (!day || month == months.end() || !year || !hour || !minute || !second) return std::nullopt;
  const auto month_number = static_cast<unsigned>(month - months.begin()) + 1;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(month_number),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

std::optional<milliseconds> retry_after(const headers& fields) {
  if (const auto exact = wait(fields.get("retry-after-ms"), 1)) return exact;
  const auto text = fields.get("retry-after");
  if (const auto seconds = wait(text, 1000)) return seconds;
  const auto until = http_date(text);
  const auto now = http_date(fields.get("date"));
  if (!until || !now) return std::nullopt;
  return std::clamp<milliseconds>(*until - *now, milliseconds(0), longest);
}

}  // namespace warmwire::providers

#include "providers/times.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace warmwire::providers {
namespace {

using std::chrono::milliseconds;

// Digits alone: no sign.
std::optional<int> digits(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), http::is_digit)) return std::nullopt;
  int value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

struct calendar {
  std::optional<int> year, month, day, hour, minute, second;
};

std::optional<std::chrono::sys_seconds> time_of(const calendar& at) {
  if (!at.year || !at.month || !at.day || !at.hour || !at.minute || !at.second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*at.year),
                                         std::chrono::month(static_cast<unsigned>(*at.month)),
                                         std::chrono::day(static_cast<unsigned>(*at.day))};
  if (!date.ok() || *at.hour > 23 || *at.minute > 59 || *at.second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*at.hour) + std::chrono::minutes(*at.minute) +
         std::chrono::seconds(*at.second);
}

// "Z" or "+02:00".
std::optional<std::chrono::minutes> offset(std::string_view text) {
  using std::chrono::minutes;
  if (text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hour = digits(text.substr(1, 2));
  const auto minute = digits(text.substr(4, 2));
  if (!hour || !minute) return std::nullopt;
  const minutes east = std::chrono::hours(*hour) + minutes(*minute);
  return text[0] == '+' ? east : -east;
}

struct unit {
  std::string_view name;
  double milliseconds;
};

// "ms" before "m": the first that fits is taken.
constexpr std::array units{unit{"ns", 1e-6}, unit{"us", 1e-3},  unit{"\xC2\xB5s", 1e-3}, unit{"\xCE\xBCs", 1e-3},
                           unit{"ms", 1},    unit{"s", 1000.0}, unit{"m", 60'000},       unit{"h", 3'600'000}};

}  // namespace

std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end || !(value >= 0)) return std::nullopt;
  return value;
}

milliseconds to_wait(double wanted) {
  if (wanted >= static_cast<double>(longest_wait.count())) return longest_wait;
  return milliseconds(static_cast<milliseconds::rep>(wanted));
}

std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto* const month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  return time_of({.year = digits(text.substr(12, 4)),
                  .month = static_cast<int>(month - months.begin()) + 1,
                  .day = digits(text.substr(5, 2)),
                  .hour = digits(text.substr(17, 2)),
                  .minute = digits(text.substr(20, 2)),
                  .second = digits(text.substr(23, 2))});
}

std::optional<std::chrono::sys_time<milliseconds>> rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || http::to_lower(text[10]) != 't' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto whole = time_of({.year = digits(text.substr(0, 4)),
                              .month = digits(text.substr(5, 2)),
                              .day = digits(text.substr(8, 2)),
                              .hour = digits(text.substr(11, 2)),
                              .minute = digits(text.substr(14, 2)),
                              .second = digits(text.substr(17, 2))});
  auto rest = text.substr(19);
  milliseconds fraction{0};
  if (rest.starts_with('.')) {
    const auto end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    const auto value = plain_number(rest.substr(0, end));
    if (!value) return std::nullopt;
    fraction = to_wait(*value * 1000);
    rest.remove_prefix(end);
  }
  const auto east = offset(rest);
  if (!whole || !east) return std::nullopt;
  return *whole + fraction - *east;
}

std::optional<milliseconds> go_duration(std::string_view text) {
  if (text == "0") return milliseconds(0);
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto count = plain_number(text.substr(0, length));
    text.remove_prefix(length);
    const auto* const found =
        std::find_if(units.begin(), units.end(), [&](const unit& each) { return text.starts_with(each.name); });
    if (!count || found == units.end()) return std::nullopt;
    text.remove_prefix(found->name.size());
    sum += *count * found->milliseconds;
  }
  return to_wait(sum);
}

}  // namespace warmwire::providers

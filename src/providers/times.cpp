#include "providers/times.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

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

std::optional<int> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const month = std::find(months.begin(), months.end(), name);
  if (month == months.end()) return std::nullopt;
  return static_cast<int>(month - months.begin()) + 1;
}

bool is_weekday(std::string_view name) {
  constexpr std::array<std::string_view, 7> days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday"};
  return std::find(days.begin(), days.end(), name) != days.end();
}

// As other clients have it: a time to wait for lies neither in 1969 nor in 2070.
std::optional<int> full_year(std::optional<int> two_digits) {
  if (two_digits) *two_digits += *two_digits < 70 ? 2000 : 1900;
  return two_digits;
}

// In a form `d` is a digit, `?` a digit or a blank, `w` and `m` a letter of a name; all else stands for itself.
bool fits(std::string_view text, std::string_view form) {
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char kind) {
    if (kind == 'd') return http::is_digit(c);
    if (kind == '?') return http::is_digit(c) || c == ' ';
    if (kind == 'w' || kind == 'm') return http::is_alphanumeric(c) && !http::is_digit(c);
    return c == kind;
  });
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
  // from_chars would take "inf" and "nan", too, and with other formats "1e3" and hexadecimal digits.
  const auto dots = std::count(text.begin(), text.end(), '.');
  const auto count = std::count_if(text.begin(), text.end(), http::is_digit);
  if (count == 0 || dots > 1 || static_cast<std::size_t>(count + dots) != text.size()) return std::nullopt;
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (problem == std::errc::result_out_of_range) {
    const bool is_great = text.substr(0, text.find('.')).find_first_not_of('0') != std::string_view::npos;
    return is_great ? std::numeric_limits<double>::max() : 0;
  }
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

milliseconds to_wait(double wanted) {
  if (wanted >= static_cast<double>(longest_wait.count())) return longest_wait;
  return milliseconds(static_cast<milliseconds::rep>(wanted));
}

std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  if (fits(text, "www, dd mmm dddd dd:dd:dd GMT")) {
    return time_of({.year = digits(text.substr(12, 4)),
                    .month = month_of(text.substr(8, 3)),
                    .day = digits(text.substr(5, 2)),
                    .hour = digits(text.substr(17, 2)),
                    .minute = digits(text.substr(20, 2)),
                    .second = digits(text.substr(23, 2))});
  }
  if (fits(text, "www mmm ?d dd:dd:dd dddd")) {
    return time_of({.year = digits(text.substr(20, 4)),
                    .month = month_of(text.substr(4, 3)),
                    .day = digits(text[8] == ' ' ? text.substr(9, 1) : text.substr(8, 2)),
                    .hour = digits(text.substr(11, 2)),
                    .minute = digits(text.substr(14, 2)),
                    .second = digits(text.substr(17, 2))});
  }
  const auto comma = std::min(text.find(','), text.size());
  if (!is_weekday(text.substr(0, comma))) return std::nullopt;
  const auto rest = text.substr(comma);
  if (!fits(rest, ", dd-mmm-dd dd:dd:dd GMT")) return std::nullopt;
  return time_of({.year = full_year(digits(rest.substr(9, 2))),
                  .month = month_of(rest.substr(5, 3)),
                  .day = digits(rest.substr(2, 2)),
                  .hour = digits(rest.substr(12, 2)),
                  .minute = digits(rest.substr(15, 2)),
                  .second = digits(rest.substr(18, 2))});
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

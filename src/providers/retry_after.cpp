#include "providers/retry_after.hpp"

#include "providers/times.hpp"

#include <algorithm>

namespace warmwire::providers {

using std::chrono::milliseconds;

std::optional<milliseconds> retry_after(const headers& fields, std::optional<std::chrono::sys_seconds> now) {
  if (const auto exact = plain_number(fields.get("retry-after-ms"))) return to_wait(*exact);
  const auto text = fields.get("retry-after");
  if (const auto seconds = plain_number(text)) return to_wait(*seconds * 1000);
  const auto until = http_date(text);
  if (const auto date = http_date(fields.get("date"))) now = date;
  if (!until || !now) return std::nullopt;
  return std::clamp<milliseconds>(*until - *now, milliseconds(0), longest_wait);
}

}  // namespace warmwire::providers

#include "transport/request_log.hpp"

#include "text/printable.hpp"

#include <array>
#include <cstdio>

namespace warmwire::detail {

namespace {

constexpr std::size_t longest_word = 200;

/// One line stays one line, whatever a caller calls its provider, method or tag.
std::string word(std::string_view text) {
  return text::printable(text, longest_word);
}

std::string ms(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(time.count()) / 1000.0);
  return text.data();
}

std::string phases(const timings& spent) {
  return "queue=" + ms(spent.queue) + " dns=" + ms(spent.resolve) + " tcp=" + ms(spent.connect) +
         " tls=" + ms(spent.tls) + " first_byte=" + ms(spent.first_byte);
}

std::string connection(const provenance& from) {
  if (from.connection_id == 0) return "connection=none";
  auto text = "connection=" + std::to_string(from.connection_id);
  text += from.reused ? " reused idle=" + ms(from.idle_for) : " new";
  if (!from.proxy.empty()) text += " proxy=" + from.proxy;
  if (from.replays > 0) text += " replays=" + std::to_string(from.replays);
  return text;
}

}  // namespace

std::string describe_request(const finished_request& done) {
  const auto path = done.names_path ? word(done.url.target.substr(0, done.url.target.find('?'))) : std::string();
  std::string line =
      "provider=" + word(done.what.provider) + " " + word(done.what.method) + " " + done.url.origin() + path;
  line += " duration_ms=" + ms(done.from.timings.total);
  line += done.failure ? " success=false error=" + std::string(to_string(done.failure->code)) : " success=true";
  if (done.status > 0) line += " status=" + std::to_string(done.status);
  line += " " + connection(done.from) + " " + phases(done.from.timings);
  if (!done.what.tag.empty()) line += " tag=" + word(done.what.tag);
  return line + " pool: " + done.stats.to_string();
}

}  // namespace warmwire::detail

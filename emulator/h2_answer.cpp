// The heads of HTTP/2 responses.
#include "emulator/h2_answer.hpp"

#include <array>
#include <charconv>
#include <string>

namespace warmwire::emulator {
namespace {

using fault::frame_fault;

constexpr std::size_t flood_field_bytes = 1000;

class number_text {
 public:
  explicit number_text(std::uint64_t value)
      : end_(std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr) {}
  number_text(const number_text&) = delete;
  number_text& operator=(const number_text&) = delete;
  ~number_text() = default;
  [[nodiscard]] std::string_view text() const {
    return {digits_.data(), static_cast<std::size_t>(end_ - digits_.data())};
  }

 private:
  std::array<char, 24> digits_{};
  char* end_;
};

// Fields as `answer::fields` has them: lines.
void add_fields(h2_head& head, std::string_view lines) {
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    const auto colon = line.find(": ");
    head.push_back(h2_field(line.substr(0, colon), line.substr(colon + 2)));
  }
}

std::uint64_t announced_bytes(const h2_stream& of) {
  const std::uint64_t bytes = of.body.whole_bytes();
  if (of.asked.has(frame_fault::short_length) && bytes > 0) return bytes - 1;
  return of.asked.has(frame_fault::long_length) ? bytes + 1 : bytes;
}

bool has_length(const h2_stream& of) {
  return of.body.said().status != 204 && of.body.said().framing == fault::body_framing::length;
}

std::size_t flood_fields(const behaviour& asked) {
  std::size_t fields = 0;
  for (const fault::flood& each : asked.floods) {
    if (each.kind == fault::flood_kind::headers) fields += each.count;
  }
  return fields;
}

}  // namespace

void send_head(h2_wire& to, const h2_stream& of, std::string_view date) {
  const number_text status(of.body.said().status);
  const number_text length(announced_bytes(of));
  const std::string flood_value(flood_field_bytes, 'x');
  h2_head head;
  head.reserve(16);
  if (!of.asked.has(frame_fault::no_status)) head.push_back(h2_field(":status", status.text()));
  if (of.asked.has(frame_fault::two_statuses)) head.push_back(h2_field(":status", status.text()));
  head.push_back(h2_field("date", date));
  add_fields(head, of.body.said().fields);
  if (has_length(of)) head.push_back(h2_field("content-length", length.text()));
  head.insert(head.end(), flood_fields(of.asked), h2_field("x-flood", flood_value));
  to.respond(of.id, head, of.body.is_sent());
}

void send_interim(h2_wire& to, const h2_stream& of, unsigned code) {
  const number_text status(code);
  to.inform(of.id, {h2_field(":status", status.text())});
}

}  // namespace warmwire::emulator

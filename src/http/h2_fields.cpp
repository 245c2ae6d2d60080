#include "http/h2_fields.hpp"

#include "http/ascii.hpp"
#include "http/credentials.hpp"
#include "http/request_check.hpp"

#include <algorithm>
#include <array>

namespace warmwire::http {
namespace {

using namespace std::string_view_literals;

/// They speak of an HTTP/1.1 connection, which this is not (RFC 9113 §8.2.2).
constexpr std::array of_http_1 = {"connection"sv, "keep-alive"sv, "proxy-connection"sv, "upgrade"sv,
                                  "transfer-encoding"sv};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_left_out(std::string_view name, std::string_view value) {
  if (name == "te") return !iequals(value, "trailers");
  return name == "host" || is_one_of(of_http_1, name);
}

/// Copies what the request does not hold in the form that is sent.
class writer {
 public:
  explicit writer(std::size_t bytes) : room_(std::make_unique<char[]>(bytes)), end_(room_.get()) {}

  std::string_view keep(std::string_view text) {
    char* const begin = end_;
    end_ = std::ranges::copy(text, begin).out;
    return {begin, text.size()};
  }
  std::string_view keep_lower(std::string_view text) {
    char* const begin = end_;
    end_ = std::ranges::transform(text, begin, to_lower).out;
    return {begin, text.size()};
  }
  std::unique_ptr<char[]> room() && { return std::move(room_); }

 private:
  std::unique_ptr<char[]> room_;
  char* end_;
};

}  // namespace

result<h2_fields> encode_h2_fields(const request_head& head) {
  const auto given = check_request(head);
  if (!given) return given.error();
  std::array<char, 20> digits{};
  writer kept(given->bytes + digits.size());

  const secret_fields secrets(head.fields, head.secret_names);
  h2_fields fields;
  auto& list = fields.list;
  list.reserve(head.fields.size() + 6);
  list.push_back({":method", head.method});
  list.push_back({":scheme", to_string(head.url.scheme)});
  list.push_back({":authority", head.url.authority});
  list.push_back({":path", head.url.target});
  for (const auto& field : head.fields) {
    const auto name = kept.keep_lower(field.name);
    const auto value = trim(field.value);
    if (name == "host") list[2].value = value;
    if (!is_left_out(name, value)) list.push_back({name, value, secrets.holds(name, value)});
  }
  if (list[2].value.empty()) {
    return error{.code = errc::invalid_header, .message = "the header Host is empty, which HTTP/2 cannot send"};
  }
  if (!given->user_agent && !head.user_agent.empty()) list.push_back({"user-agent", trim(head.user_agent)});
  if (needs_length(head) && !given->content_length) {
    list.push_back({"content-length", kept.keep(decimal(head.body_length, digits))});
  }
  fields.room = std::move(kept).room();
  return fields;
}

std::size_t list_bytes(const h2_fields& fields) noexcept {
  constexpr std::size_t overhead = 32;
  std::size_t bytes = 0;
  for (const auto& field : fields.list)
    bytes += field.name.size() + field.value.size() + overhead;
  return bytes;
}

}  // namespace warmwire::http

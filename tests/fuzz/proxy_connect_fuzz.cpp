// What an HTTP proxy answers to CONNECT, in any bytes and any pieces.
#include "http/ascii.hpp"
#include "http/proxy_connect.hpp"
#include "tests/fuzz/fuzzing.hpp"

namespace {

using namespace warmwire;
using fuzz::require;
using http::connect_answer;

struct outcome {
  std::optional<std::string> failure;
  bool done = false;
  int status = 0;
  std::string reason;
  std::vector<std::string> challenges;
  std::size_t used = 0;  ///< so many bytes, when it was done

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome read(const std::vector<std::string_view>& pieces) {
  connect_answer answer;
  outcome seen;
  for (const auto piece : pieces) {
    const auto fed = answer.feed(piece);
    seen.used += piece.size();
    if (!fed) {
      require(fed.error().code == errc::proxy_failed && fed.error().phase == phase::proxy, "the documented error");
      require(fuzz::is_one_line(fed.error().message), "a message has no control characters");
      seen.failure = fed.error().message;
      break;
    }
    seen.done = *fed;
    if (seen.done) break;
  }
  if (!seen.done) return seen;
  seen.status = answer.status();
  seen.reason = answer.reason();
  seen.challenges = answer.challenges();
  require(answer.has_begun(), "an answer has begun");
  require(answer.is_success() == (seen.status >= 200 && seen.status <= 299), "2xx opens the tunnel");
  require(seen.status == 101 || (seen.status >= 200 && seen.status <= 999), "a final status is no interim one");
  require(seen.challenges.size() <= connect_answer::max_challenges, "challenges have a limit");
  return seen;
}

std::vector<std::string_view> bytes_of(std::string_view whole) {
  return fuzz::cuts(whole)[1];
}

void check_request(std::string_view bytes) {
  const std::optional<http::proxy_credentials> credentials =
      http::proxy_credentials{.user = "user", .password = secret(std::string(bytes.substr(0, 100)))};
  const auto text = http::encode({.authority = "a:443", .user_agent = bytes, .credentials = credentials});
  require(text.starts_with("CONNECT a:443 HTTP/1.1\r\n"), "a request for a tunnel");
  require(text.find("\r\n\r\n") == text.size() - 4, "it ends once");
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = fuzz::next_line(rest);
    require(line.ends_with('\r') && http::is_field_value(line.substr(0, line.size() - 1)), "its lines are lines");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  check_request(bytes);
  const auto slowly = read(bytes_of(bytes));
  if (!slowly.done) {
    for (const auto& pieces : fuzz::cuts(bytes))
      require(read(pieces).failure == slowly.failure, "the result does not depend on how the bytes were cut");
    return 0;
  }
  const auto head = bytes.substr(0, slowly.used);
  for (const auto& pieces : fuzz::cuts(head))
    require(read(pieces) == slowly, "the result does not depend on how the bytes were cut");
  const auto whole = read({bytes});
  const bool is_success = slowly.status / 100 == 2;
  const bool has_more = bytes.size() > head.size();
  require(whole.failure.has_value() == (is_success && has_more), "nothing may follow a success unasked");
  return 0;
}

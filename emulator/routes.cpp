// Which part of the emulator answers a request.
#include "emulator/routes.hpp"

#include "emulator/api/api_error.hpp"
#include "emulator/api/provider_api.hpp"
#include "emulator/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t max_bytes = 1ULL << 32U;

answer not_found(const request& what) {
  return error_answer({.status = 404,
                       .message = "Unknown request URL: " + what.method + " " + what.target +
                                  ". There are the APIs below /v1, /v1beta, /openai and /as/NAME, and /echo, "
                                  "/headers, /bytes/N, /chunked/N[/SIZE], /drip/N/DURATION, /status/CODE and "
                                  "/delay/DURATION.",
                       .code = "unknown_url"});
}

struct limits {
  std::uint64_t at_least;
  std::uint64_t at_most;
};

std::optional<std::uint64_t> read_number(std::string_view text, limits allowed) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value < allowed.at_least || value > allowed.at_most ? std::nullopt : std::optional(value);
}

answer answer_echo(const request& what, std::string_view) {
  answer said;
  const std::string* type = what.find("content-type");
  append_field(said.fields, "Content-Type", type != nullptr ? std::string_view(*type) : "application/octet-stream");
  said.body = what.body;
  return said;
}

answer answer_headers(const request& what, std::string_view) {
  answer said;
  append_field(said.fields, "Content-Type", "application/json");
  said.body += '[';
  for (const auto& [name, value] : what.headers) {
    said.body += said.body.size() > 1 ? ",[" : "[";
    append_json_string(said.body, name);
    said.body += ",";
    append_json_string(said.body, value);
    said.body += "]";
  }
  said.body += "]\n";
  return said;
}

answer filler(std::uint64_t bytes) {
  answer said;
  append_field(said.fields, "Content-Type", "text/plain");
  said.filler_bytes = bytes;
  return said;
}

answer answer_bytes(const request& what, std::string_view rest) {
  const auto bytes = read_number(rest, {0, max_bytes});
  return bytes ? filler(*bytes) : not_found(what);
}

answer answer_chunked(const request& what, std::string_view rest) {
  const auto slash = rest.find('/');
  const auto bytes = read_number(rest.substr(0, slash), {0, max_bytes});
  const auto size =
      slash == rest.npos ? std::optional<std::uint64_t>(4096) : read_number(rest.substr(slash + 1), {1, 65536});
  if (!bytes || !size) return not_found(what);
  answer said = filler(*bytes);
  said.framing = fault::body_framing::chunked;
  said.chunk_bytes = static_cast<std::size_t>(*size);
  return said;
}

answer answer_status(const request& what, std::string_view rest) {
  const auto code = read_number(rest, {200, 599});
  if (!code) return not_found(what);
  return {.status = static_cast<unsigned>(*code)};
}

answer answer_delay(const request& what, std::string_view rest) {
  const auto delay = parse_duration(rest);
  if (!delay) return not_found(what);
  answer said;
  said.delay = *delay;
  return said;
}

constexpr std::size_t drip_bytes = 16;
constexpr std::uint64_t max_drips = 1'000'000;

answer answer_drip(const request& what, std::string_view rest) {
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto pieces = read_number(rest.substr(0, slash), {1, max_drips});
  const auto interval = parse_duration(rest.substr(std::min(slash + 1, rest.size())));
  if (!pieces || !interval) return not_found(what);
  answer said = filler(*pieces * drip_bytes);
  said.framing = fault::body_framing::chunked;
  said.chunk_bytes = drip_bytes;
  said.pace = {.bytes = drip_bytes, .interval = *interval};
  return said;
}

struct endpoint {
  std::string_view prefix;  ///< of the path; the rest is given to `respond`
  answer (*respond)(const request&, std::string_view rest);
};

constexpr std::array<endpoint, 7> endpoints{{{"/echo", &answer_echo},
                                             {"/headers", &answer_headers},
                                             {"/bytes/", &answer_bytes},
                                             {"/chunked/", &answer_chunked},
                                             {"/drip/", &answer_drip},
                                             {"/status/", &answer_status},
                                             {"/delay/", &answer_delay}}};

}  // namespace

answer answer_request(const asked& question) {
  const auto path = question.what.path();
  if (const auto call = locate(question.what)) return answer_api(question, *call);
  for (const endpoint& each : endpoints) {
    if (!path.starts_with(each.prefix)) continue;
    const auto rest = path.substr(each.prefix.size());
    const bool is_exact = each.prefix.back() == '/' || rest.empty() || rest.front() == '/';
    if (is_exact) return each.respond(question.what, rest);
  }
  return not_found(question.what);
}

}  // namespace warmwire::emulator

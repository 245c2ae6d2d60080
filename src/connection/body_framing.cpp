#include "connection/body_framing.hpp"

#include "connection/failure.hpp"
#include "http/ascii.hpp"
#include "text/printable.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::connection {
namespace {

constexpr std::size_t max_quoted_bytes = 60;

std::optional<std::uint64_t> length_in(std::string_view text) {
  std::uint64_t length = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, length);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return length;
}

/// The elements of a comma-separated list, empty ones too.
std::vector<std::string_view> elements_of(std::string_view list) {
  std::vector<std::string_view> found;
  for (;;) {
    const auto comma = list.find(',');
    found.push_back(http::trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return found;
    list.remove_prefix(comma + 1);
  }
}

/// "5, 5" and two fields of the same value are one length (RFC 9110 §8.6).
result<std::optional<std::uint64_t>> length_of(const headers& fields) {
  std::optional<std::uint64_t> length;
  for (const auto& [name, value] : fields) {
    if (!http::iequals(name, "content-length")) continue;
    for (const auto element : elements_of(value)) {
      const auto number = length_in(element);
      if (!number) return failure(errc::conflicting_length, "the response's Content-Length is no number");
      if (length && *length != *number) {
        return failure(errc::conflicting_length, "the response gives its Content-Length twice and differently");
      }
      length = number;
    }
  }
  return length;
}

/// The transfer codings in one list, or nothing where there is no such field.
std::optional<std::string> codings_of(const headers& fields) {
  std::optional<std::string> all;
  for (const auto& [name, value] : fields) {
    if (!http::iequals(name, "transfer-encoding")) continue;
    if (all) all->append(", ");
    if (!all) all.emplace();
    all->append(value);
  }
  return all;
}

/// No coding but chunked may be sent to us, who send no TE (RFC 9112 §7). To hand out what is still coded would be a
/// wrong answer that looks right, and who takes another coding for none sees another end of the response than we do.
result<body_framing> framing_of_coded(const std::string& codings) {
  if (http::iequals(http::trim(codings), "chunked")) return body_framing{.how = body_framing::kind::chunked};
  if (http::iequals(http::trim(codings), "identity")) {
    return body_framing{.how = body_framing::kind::until_end, .is_in_doubt = true};
  }
  std::size_t chunked = 0;
  for (const auto coding : elements_of(codings))
    chunked += http::iequals(coding, "chunked") ? 1U : 0U;
  if (chunked > 1) return failure(errc::conflicting_length, "the response is chunked more than once");
  return failure(errc::malformed_response, "the response has a transfer coding that was not asked for (" +
                                               text::printable(codings, max_quoted_bytes) + ')');
}

}  // namespace

result<body_framing> find_framing(const framing_question& about, const headers& fields) {
  using kind = body_framing::kind;
  const auto codings = codings_of(fields);
  const auto length = length_of(fields);
  if (!length) return length.error();
  if (codings && *length) {
    return failure(errc::conflicting_length, "the response has both a Content-Length and a Transfer-Encoding");
  }
  const bool has_no_content = about.status / 100 == 1 || about.status == 204;
  if (has_no_content || about.status == 304 || about.answers_head) {
    // RFC 9112 §6.1 lets a coding stand only in what answers HEAD and in a 304, where some servers send its last chunk
    // all the same; a length is not allowed where there is no content.
    const bool is_usual = codings && !has_no_content && about.status != 304 && about.of == http::version::http_1_1 &&
                          http::iequals(http::trim(*codings), "chunked");
    const bool is_doubtful = (codings && !is_usual) || (has_no_content && length->value_or(0) > 0);
    return body_framing{.is_in_doubt = is_doubtful};
  }
  if (codings) {
    auto found = framing_of_coded(*codings);
    // HTTP/1.0 knows no transfer codings (RFC 9112 §6.1).
    if (found && about.of == http::version::http_1_0) found->is_in_doubt = true;
    return found;
  }
  if (*length) return body_framing{.how = **length > 0 ? kind::length : kind::none, .length = **length};
  return body_framing{.how = kind::until_end, .is_in_doubt = true};
}

bool is_framing_field(std::string_view name) {
  return http::iequals(name, "content-length") || http::iequals(name, "transfer-encoding");
}

}  // namespace warmwire::connection

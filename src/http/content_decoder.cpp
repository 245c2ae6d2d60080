#include "http/content_decoder.hpp"

#include "http/ascii.hpp"
#include "http/coding.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::http {
namespace {

constexpr std::size_t piece_bytes = std::size_t{16} << 10;
constexpr std::size_t plain_piece_bytes = std::size_t{64} << 10;  // of what has no coding
constexpr std::size_t longest_name = 40;

/// What the fields name, in one list; "identity" stands for nothing.
std::string coding_in(const headers& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!iequals(name, "content-encoding")) continue;
    const auto word = trim(value);
    if (word.empty() || iequals(word, "identity")) continue;
    if (!out.empty()) out += ", ";
    std::transform(word.begin(), word.end(), std::back_inserter(out), to_lower);
  }
  return out;
}

std::unique_ptr<detail::coding> find_coding(std::string_view name) {
  if (name == "gzip" || name == "x-gzip") return detail::make_gzip();
  if (name == "deflate") return detail::make_deflate();
  if (name == "br") return detail::make_brotli();
#ifdef WARMWIRE_HAS_ZSTD
  if (name == "zstd") return detail::make_zstd();
#endif
  return nullptr;
}

}  // namespace

std::string_view accepted_codings() noexcept {
#ifdef WARMWIRE_HAS_ZSTD
  return "gzip, deflate, br, zstd";
#else
  return "gzip, deflate, br";
#endif
}

content_decoder::content_decoder(const headers& fields) : name_(coding_in(fields)), way_(find_coding(name_)) {}
content_decoder::content_decoder(content_decoder&&) noexcept = default;
content_decoder& content_decoder::operator=(content_decoder&&) noexcept = default;
content_decoder::~content_decoder() = default;

void content_decoder::feed(std::string bytes) {
  bytes_in_ += bytes.size();
  if (at_ == fed_.size()) {
    fed_ = std::move(bytes);
  } else {
    fed_.erase(0, at_).append(bytes);
  }
  at_ = 0;
}

result<std::string_view> content_decoder::next() {
  if (failure_) return *failure_;
  const auto rest = [this] { return std::string_view(fed_).substr(at_); };
  if (name_.empty()) {
    const auto piece = rest().substr(0, plain_piece_bytes);
    at_ += piece.size();
    return piece;
  }
  if (!way_ && !rest().empty()) {
    // Several codings over each other are nothing that anybody uses, and a way to expand without limit.
    const bool is_name = name_.size() <= longest_name && is_token(name_);
    return fail(errc::unexpected_body, "the body has a content coding that was not asked for" +
                                           (is_name ? " (" + name_ + ')' : std::string()));
  }
  piece_.resize(piece_bytes);
  while (!rest().empty() || std::exchange(may_hold_more_, false)) {
    const auto step = way_->decode(rest(), piece_);
    at_ += step.consumed;
    bytes_out_ += step.produced;
    may_hold_more_ = step.produced == piece_.size();
    if (!step.is_valid) return fail(errc::unexpected_body, "the body is not " + name_ + ", as it says");
    if (bytes_out_ > free_expansion_bytes && (bytes_out_ - free_expansion_bytes) / max_expansion > bytes_in_) {
      return fail(errc::response_too_large,
                  "the body expands to more than " + std::to_string(max_expansion) + " times its size (" + name_ + ')');
    }
    if (step.produced > 0) return std::string_view(piece_).substr(0, step.produced);
    if (step.consumed == 0) break;
  }
  return std::string_view();
}

bool content_decoder::is_complete() const noexcept {
  return failure_ ? false : name_.empty() || bytes_in_ == 0 || (way_ && way_->is_at_end());
}

error content_decoder::cut_off() const {
  error out{.code = errc::unexpected_body, .phase = phase::body};
  out.message.append("the body ends before its ").append(name_).append(" coding does");
  return out;
}

result<std::string_view> content_decoder::fail(errc code, std::string message) {
  failure_ = error{.code = code, .phase = phase::body, .message = std::move(message)};
  return *failure_;
}

result<void> decode_content(const headers& fields, std::string& body, std::size_t max_bytes) {
  content_decoder decoder(fields);
  if (!decoder.has_coding() && body.size() <= max_bytes) return {};
  decoder.feed(std::exchange(body, {}));
  while (true) {
    const auto piece = decoder.next();
    if (!piece) return piece.error();
    if (piece->empty()) break;
    if (piece->size() > max_bytes - body.size()) {
      return error{.code = errc::response_too_large,
                   .phase = phase::body,
                   .message = "the decoded response body is longer than " + std::to_string(max_bytes) + " bytes"};
    }
    body.append(*piece);
  }
  if (!decoder.is_complete()) return decoder.cut_off();
  return {};
}

}  // namespace warmwire::http

// Takes the content coding off a body that comes in pieces (RFC 9110 §8.4): gzip, deflate, brotli, and
// zstd where the library was built with it. Pure.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::http {

/// For Accept-Encoding: what `content_decoder` can take off.
[[nodiscard]] std::string_view accepted_codings() noexcept;

/// A body may become this many times as long, beyond `free_expansion_bytes`. Text that repeats itself as events do
/// shrinks to a fiftieth; more than this is made to fill memory.
inline constexpr std::uint64_t max_expansion = 200;
inline constexpr std::uint64_t free_expansion_bytes = std::uint64_t{1} << 20;

namespace detail {
class coding;
}

/// Used by turns: `feed`, then `next` until it has none. It holds what it was fed and one piece of what that becomes,
/// however far it expands.
class content_decoder {
 public:
  /// For the body of a response with these fields. What cannot be taken off fails at the first byte.
  explicit content_decoder(const headers& fields);
  content_decoder(content_decoder&&) noexcept;
  content_decoder& operator=(content_decoder&&) noexcept;
  ~content_decoder();

  void feed(std::string bytes);

  /// The next piece, valid until the decoder is used again; empty when more bytes are needed. Bytes behind the end are
  /// ignored. Errors: `unexpected_body` for a coding that is not one of `accepted_codings` and for bytes that are not
  /// in it, `response_too_large` above `max_expansion`; nothing comes after one.
  [[nodiscard]] result<std::string_view> next();

  /// Otherwise the bytes come out as they went in.
  [[nodiscard]] bool has_coding() const noexcept { return !name_.empty(); }
  /// Nothing is missing of what was fed. A body of no bytes is complete.
  [[nodiscard]] bool is_complete() const noexcept;
  /// What to say of a body that ends while it is not complete.
  [[nodiscard]] error cut_off() const;

 private:
  result<std::string_view> fail(errc code, std::string message);

  std::string name_;                     // of the coding; empty when there is none
  std::unique_ptr<detail::coding> way_;  // nothing when there is no coding, or one that is not known
  std::string fed_;                      // from `at_` on it is still to be decoded
  std::size_t at_ = 0;
  std::string piece_;
  bool may_hold_more_ = false;  // the last piece was full
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::optional<error> failure_;
};

/// The same for a whole body of at most `max_bytes`, which takes the place of `body`. After an error `body` is what had
/// been decoded. Errors: those of `next`, `unexpected_body` when the end is missing, `response_too_large`.
[[nodiscard]] result<void> decode_content(const headers& fields, std::string& body, std::size_t max_bytes);

}  // namespace warmwire::http

// One content coding while it is taken off. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace warmwire::http::detail {

struct coding_step {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  bool is_valid = true;
};

class coding {
 public:
  coding() = default;
  coding(const coding&) = delete;
  coding& operator=(const coding&) = delete;
  virtual ~coding() = default;

  /// Goes as far as `in` and `out` allow. Consumes whatever follows the end.
  virtual coding_step decode(std::string_view in, std::span<char> out) = 0;
  [[nodiscard]] virtual bool is_at_end() const noexcept = 0;
};

/// RFC 1952; further members continue the first.
[[nodiscard]] std::unique_ptr<coding> make_gzip();
/// The zlib format (RFC 1950) as RFC 9110 has it, or bare deflate (RFC 1951) as some servers do.
[[nodiscard]] std::unique_ptr<coding> make_deflate();
/// RFC 7932.
[[nodiscard]] std::unique_ptr<coding> make_brotli();
/// RFC 8878; further frames continue the first. Only where there is libzstd, which WARMWIRE_HAS_ZSTD says.
[[nodiscard]] std::unique_ptr<coding> make_zstd();

}  // namespace warmwire::http::detail

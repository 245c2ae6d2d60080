#include "http/coding.hpp"

#include <zstd.h>

#include <new>

namespace warmwire::http::detail {
namespace {

// RFC 9659: what compresses for the web needs no larger window than 8 MiB, and more is not allocated for it.
constexpr int zstd_window_bits = 23;

class zstd_coding final : public coding {
 public:
  zstd_coding() : stream_(::ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
    ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, zstd_window_bits);
  }

  coding_step decode(std::string_view in, std::span<char> out) override {
    if (ended_ && !begins_frame(in)) return {.consumed = in.size()};
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const auto left = ::ZSTD_decompressStream(stream_.get(), &to, &from);
    ended_ = left == 0;
    return {.consumed = from.pos, .produced = to.pos, .is_valid = ::ZSTD_isError(left) == 0};
  }

  [[nodiscard]] bool is_at_end() const noexcept override { return ended_; }

 private:
  // The first byte of a frame and of one to be skipped, RFC 8878 §3.1: further frames continue the first.
  [[nodiscard]] static bool begins_frame(std::string_view in) noexcept {
    return !in.empty() && (in.front() == '\x28' || (in.front() & '\xf0') == '\x50');
  }

  struct destroyer {
    void operator()(ZSTD_DStream* stream) const noexcept { ::ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, destroyer> stream_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<coding> make_zstd() {
  return std::make_unique<zstd_coding>();
}

}  // namespace warmwire::http::detail

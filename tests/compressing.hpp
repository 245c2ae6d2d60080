// Bodies as servers compress them.
#pragma once

#include <brotli/encode.h>
#include <zlib.h>
#ifdef WARMWIRE_HAS_ZSTD
#include <zstd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace warmwire::test {

enum class zlib_format : int { gzip = 15 + 16, zlib = 15, bare = -15 };

inline std::string deflated(std::string_view text, zlib_format format = zlib_format::gzip) {
  z_stream stream{};
  constexpr int memory = 8;
  if (::deflateInit2(&stream, 9, Z_DEFLATED, static_cast<int>(format), memory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string from(text);
  std::string out(::deflateBound(&stream, from.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

inline std::string brotli(std::string_view text) {
  std::size_t size = ::BrotliEncoderMaxCompressedSize(text.size()) + 16;
  std::string out(size, '\0');
  const auto ok = ::BrotliEncoderCompress(BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.size(),
                                          reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                          reinterpret_cast<std::uint8_t*>(out.data()));
  if (ok != BROTLI_TRUE) throw std::runtime_error("BrotliEncoderCompress");
  out.resize(size);
  return out;
}

#ifdef WARMWIRE_HAS_ZSTD
/// In blocks of a thousand bytes at most: whole ones are long, and nothing of a block can be read before its end.
inline std::string zstd(std::string_view text) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(), ::ZSTD_freeCCtx);
  constexpr std::size_t block = 1000;
  std::string out(::ZSTD_compressBound(text.size()) + 16 * (text.size() / block + 1), '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{text.data(), 0, 0};
  do {
    from.size = std::min(from.pos + block, text.size());
    const auto left =
        ::ZSTD_compressStream2(context.get(), &to, &from, from.size < text.size() ? ZSTD_e_flush : ZSTD_e_end);
    if (left != 0) throw std::runtime_error("ZSTD_compressStream2");
  } while (from.size < text.size());
  out.resize(to.pos);
  return out;
}
#endif

}  // namespace warmwire::test

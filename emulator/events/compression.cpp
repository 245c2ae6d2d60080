// Codes a body as a client accepts it.
#include "emulator/events/compression.hpp"

#include <boost/beast/core/string.hpp>
#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace warmwire::emulator {
namespace {

constexpr std::uint64_t max_decoded_bytes = 64U << 20U;
constexpr std::size_t buffer_bytes = 16384;

class gzip_encoder {
 public:
  gzip_encoder() {
    constexpr int window_with_gzip = 15 + 16;
    constexpr int memory_level = 8;
    if (deflateInit2(&state_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_with_gzip, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~gzip_encoder() { deflateEnd(&state_); }
  gzip_encoder(const gzip_encoder&) = delete;
  gzip_encoder& operator=(const gzip_encoder&) = delete;

  void add(std::string_view bytes, bool is_last, std::string& out) {
    std::array<unsigned char, buffer_bytes> buffer{};
    // zlib does not write to its input, but its type does not say so.
    state_.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state_.avail_in = static_cast<unsigned>(bytes.size());
    do {
      state_.next_out = buffer.data();
      state_.avail_out = static_cast<unsigned>(buffer.size());
      deflate(&state_, is_last ? Z_FINISH : Z_SYNC_FLUSH);
      out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - state_.avail_out);
    } while (state_.avail_out == 0);
  }

 private:
  z_stream state_{};
};

class brotli_encoder {
 public:
  brotli_encoder() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc();
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, 5);
  }

  void add(std::string_view bytes, bool is_last, std::string& out) {
    const auto operation = is_last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
    const auto* input = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t left = bytes.size();
    do {
      std::size_t room = 0;
      BrotliEncoderCompressStream(state_.get(), operation, &left, &input, &room, nullptr, nullptr);
      std::size_t made = 0;
      const unsigned char* taken = BrotliEncoderTakeOutput(state_.get(), &made);
      out.append(reinterpret_cast<const char*>(taken), made);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_.get()) != BROTLI_FALSE);
  }

 private:
  struct deleter {
    void operator()(BrotliEncoderState* state) const noexcept { BrotliEncoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliEncoderState, deleter> state_;
};

template <class Encoder>
std::string encoded(answer& said) {
  Encoder encoder;
  std::string out;
  std::uint64_t begin = 0;
  for (body_piece& each : said.pieces) {
    const auto bytes =
        std::string_view(said.body).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(each.end - begin));
    begin = each.end;
    encoder.add(bytes, &each == &said.pieces.back(), out);
    each.end = out.size();
  }
  if (said.pieces.empty()) encoder.add(said.body, true, out);
  return out;
}

bool accepts(std::string_view field, std::string_view coding) {
  while (!field.empty()) {
    auto part = field.substr(0, field.find(','));
    field.remove_prefix(std::min(part.size() + 1, field.size()));
    const auto weight = part.find(';');
    const bool is_refused = weight != part.npos && (part.ends_with("q=0") || part.ends_with("q=0.0"));
    part = part.substr(0, weight);
    const auto first = part.find_first_not_of(' ');
    if (first == part.npos) continue;
    part = part.substr(first, part.find_last_not_of(' ') + 1 - first);
    if (boost::beast::iequals(part, coding)) return !is_refused;
  }
  return false;
}

}  // namespace

std::optional<content_coding> accepted_coding(const request& what, const fault::compress& wanted) {
  const std::string* field = what.find("accept-encoding");
  if (field == nullptr) return std::nullopt;
  for (const auto& [coding, name] : {std::pair(content_coding::br, "br"), std::pair(content_coding::gzip, "gzip")}) {
    const bool is_wanted = !wanted.coding || *wanted.coding == coding;
    if (is_wanted && accepts(*field, name)) return coding;
  }
  return std::nullopt;
}

void compress_body(answer& said, content_coding coding) {
  if (std::max<std::uint64_t>(said.filler_bytes, said.body.size()) > max_decoded_bytes) return;
  if (said.filler_bytes > 0) append_filler(said.body, 0, static_cast<std::size_t>(std::exchange(said.filler_bytes, 0)));
  said.body = coding == content_coding::gzip ? encoded<gzip_encoder>(said) : encoded<brotli_encoder>(said);
  append_field(said.fields, "Content-Encoding", coding == content_coding::gzip ? "gzip" : "br");
  append_field(said.fields, "Vary", "Accept-Encoding");
}

}  // namespace warmwire::emulator

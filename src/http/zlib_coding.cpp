#include "http/coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace warmwire::http::detail {
namespace {

constexpr int deflate_window_bits = 15;
constexpr int gzip_header = 16;  // added to the window's bits
constexpr auto gzip_begins = '\x1f';

uInt bounded(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

class inflater final : public coding {
 public:
  explicit inflater(int format) : format_(format) {
    if (::inflateInit2(&stream_, format) != Z_OK) throw std::bad_alloc();
  }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() override { ::inflateEnd(&stream_); }

  coding_step decode(std::string_view in, std::span<char> out) override {
    if (ended_ && !begins_member(in)) return {.consumed = in.size()};
    // zlib's interface is older than const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = bounded(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = bounded(out.size());
    const auto given = stream_.avail_in;
    const auto room = stream_.avail_out;
    const int status = ::inflate(&stream_, Z_SYNC_FLUSH);
    ended_ = status == Z_STREAM_END;
    return {.consumed = given - stream_.avail_in,
            .produced = room - stream_.avail_out,
            // Z_BUF_ERROR only says that there was nothing to do.
            .is_valid = status == Z_OK || ended_ || status == Z_BUF_ERROR};
  }

  [[nodiscard]] bool is_at_end() const noexcept override { return ended_; }

 private:
  [[nodiscard]] bool begins_member(std::string_view in) {
    if (format_ != deflate_window_bits + gzip_header || !in.starts_with(gzip_begins)) return false;
    return ::inflateReset(&stream_) == Z_OK;
  }

  const int format_;
  z_stream stream_{};
  bool ended_ = false;
};

// Which of the two formats it is shows in the first two bytes.
class deflate_coding final : public coding {
 public:
  coding_step decode(std::string_view in, std::span<char> out) override {
    if (inflater_) return inflater_->decode(in, out);
    const auto taken = std::min(in.size(), 2 - begun_);
    std::copy_n(in.begin(), taken, start_ + begun_);
    begun_ += taken;
    if (begun_ < 2) return {.consumed = taken};
    inflater_ = std::make_unique<inflater>(has_zlib_header() ? deflate_window_bits : -deflate_window_bits);
    auto step = inflater_->decode(std::string_view(start_, begun_), out);
    step.consumed = taken;
    return step;
  }

  [[nodiscard]] bool is_at_end() const noexcept override { return inflater_ && inflater_->is_at_end(); }

 private:
  [[nodiscard]] bool has_zlib_header() const noexcept {
    const auto method = static_cast<unsigned char>(start_[0]);
    const auto flags = static_cast<unsigned char>(start_[1]);
    return (method & 0x0fU) == Z_DEFLATED && (method * 256U + flags) % 31 == 0;
  }

  char start_[2] = {};
  std::size_t begun_ = 0;
  std::unique_ptr<inflater> inflater_;
};

}  // namespace

std::unique_ptr<coding> make_gzip() {
  return std::make_unique<inflater>(deflate_window_bits + gzip_header);
}

std::unique_ptr<coding> make_deflate() {
  return std::make_unique<deflate_coding>();
}

}  // namespace warmwire::http::detail

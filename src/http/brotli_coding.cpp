#include "http/coding.hpp"

#include <brotli/decode.h>

#include <new>

namespace warmwire::http::detail {
namespace {

class brotli_coding final : public coding {
 public:
  brotli_coding() : state_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc();
  }

  coding_step decode(std::string_view in, std::span<char> out) override {
    if (is_at_end()) return {.consumed = in.size()};
    auto left = in.size();
    const auto* from = reinterpret_cast<const std::uint8_t*>(in.data());
    auto room = out.size();
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    const auto status = ::BrotliDecoderDecompressStream(state_.get(), &left, &from, &room, &to, nullptr);
    return {
        .consumed = in.size() - left, .produced = out.size() - room, .is_valid = status != BROTLI_DECODER_RESULT_ERROR};
  }

  [[nodiscard]] bool is_at_end() const noexcept override {
    return ::BrotliDecoderIsFinished(state_.get()) == BROTLI_TRUE;
  }

 private:
  struct destroyer {
    void operator()(BrotliDecoderState* state) const noexcept { ::BrotliDecoderDestroyInstance(state); }
  };

  std::unique_ptr<BrotliDecoderState, destroyer> state_;
};

}  // namespace

std::unique_ptr<coding> make_brotli() {
  return std::make_unique<brotli_coding>();
}

}  // namespace warmwire::http::detail

// What an event of a stream means for the stream. A plain value.
#pragma once

#include "providers/error_words.hpp"

#include <warmwire/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::providers {

struct stream_step {
  enum class kind : std::uint8_t {
    go_on,     ///< the stream goes on
    ended,     ///< no event follows that matters
    failed,    ///< the provider reports an error
    nonsense,  ///< the event is not what is documented
  };

  kind what = kind::go_on;
  error_words words{};    ///< of `failed`
  std::string problem{};  ///< of `nonsense`; holds nothing of the peer's
  std::string unread{};   ///< the peer's text, of `nonsense`, or of what was ignored and may say why no more comes
  errc code = errc::unexpected_body;  ///< of `nonsense`

  [[nodiscard]] static stream_step go_on() { return {}; }
  [[nodiscard]] static stream_step ignored(std::string_view text) { return {.unread = shortened(text)}; }
  [[nodiscard]] static stream_step ended() { return {.what = kind::ended}; }
  [[nodiscard]] static stream_step failed(error_words words) {
    return {.what = kind::failed, .words = std::move(words)};
  }
  [[nodiscard]] static stream_step nonsense(std::string problem, std::string_view text = {},
                                            errc code = errc::unexpected_body) {
    return {.what = kind::nonsense, .problem = std::move(problem), .unread = shortened(text), .code = code};
  }

 private:
  // More than is shown of it.
  static std::string shortened(std::string_view text) { return std::string(text.substr(0, 4096)); }
};

}  // namespace warmwire::providers

// What errors mean: by status, by the provider's words, and whether they may pass. Pure.
#pragma once

#include "providers/error_words.hpp"

#include <warmwire/error.hpp>

namespace warmwire::providers {

[[nodiscard]] errc code_for_status(int status) noexcept;

/// For an error that came with a success. A code that is a number counts as a status, unless that says to try again and
/// the type says that this is useless; words that are known, however they are written, mean what they mean; where there
/// are none, what the message says in the usual phrases. All others are `unexpected_body`, of which nothing promises
/// that another try would help.
[[nodiscard]] errc code_for_words(const error_words& words);

/// Whether the provider may answer the same request at another time.
[[nodiscard]] bool is_transient(errc code) noexcept;

}  // namespace warmwire::providers

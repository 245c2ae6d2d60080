// Base64 with its usual alphabet and padding (RFC 4648 §4). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace warmwire::text {

void append_base64(std::string& to, std::string_view bytes);

/// Nothing when `text` is not base64. Padding may be missing; nothing else may.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace warmwire::text

// The chunked transfer coding of request bodies whose length is not known (RFC 9112 §7.1). Pure.
#pragma once

#include <string>
#include <string_view>

namespace warmwire::http {

/// Appends `data` as one chunk; nothing for empty data, since an empty chunk would end the body.
void append_chunk(std::string& out, std::string_view data);

/// Ends the body, without trailers.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace warmwire::http

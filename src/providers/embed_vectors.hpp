// The vectors in an answer of OpenAI's embeddings, in the forms that servers give them. Pure.
#pragma once

#include <warmwire/embedding.hpp>

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace warmwire::providers {

/// Numbers, or base64 of little-endian float32; llama.cpp puts the list of numbers into another. Nothing where it is no
/// vector.
[[nodiscard]] std::optional<std::vector<float>> vector_in(const boost::json::value* value);

/// Takes the vectors and what the answer says of itself. They stand in `data`, in `embeddings`, alone in `embedding`,
/// or are all of the answer; each is an object or a bare list. Their `index` counts where all of them make sense
/// together, else their place. Says what is wrong; nothing when all is well.
[[nodiscard]] std::string read_openai_embed(const boost::json::value& body, embed_reply& to);

}  // namespace warmwire::providers

// Whom a client talks to, and with which key.
#pragma once

#include <warmwire/headers.hpp>
#include <warmwire/secret.hpp>

#include <string>

namespace warmwire {

/// What is left empty is read from the environment when the client is made (an empty variable counts as unset):
/// OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS.
struct client_options {
  std::string provider = "openai";  ///< the id of the pool; its API is OpenAI's or compatible with it
  secret api_key{};
  std::string base_url{};           ///< default https://api.openai.com/v1
  std::string default_model = "gpt-5-mini";
  headers extra_headers{};          ///< sent with every request; win over the adapter's own
};

}  // namespace warmwire

// Whom a client talks to, and with which key.
#pragma once

#include <warmwire/headers.hpp>
#include <warmwire/secret.hpp>

#include <string>

namespace warmwire {

/// What is left empty is read from the environment when the client is made (an empty variable counts as
/// unset): OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS (lines
/// of `Name: value`). Another provider id reads variables of its own name (GROQ_API_KEY for "groq"), so that
/// a key never reaches a server it was not made for; those of OpenAI only when its base URL is OpenAI's.
struct client_options {
  std::string provider = "openai";  ///< the id of the pool; its API is OpenAI's or compatible with it
  secret api_key{};                 ///< only OpenAI itself demands one before anything is sent
  std::string base_url{};           ///< default https://api.openai.com/v1 for "openai"; needed for any other id
  std::string default_model = "gpt-5-mini";
  headers extra_headers{};  ///< sent with every request; win over the environment's and the adapter's own
};

}  // namespace warmwire

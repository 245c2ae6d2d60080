// What comes with every answer of a provider, be it a reply or an error. Plain values.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/headers.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/rate_limits.hpp>

#include <string>

namespace WARMWIRE_PUBLIC warmwire {

/// The answer as it came. Nothing is taken out of `headers` and `raw_body`: what a peer echoes is in them, so they
/// are not for logs.
struct provider_answer {
  int http_status = 0;
  std::string request_id;  ///< the provider's id of the request
  warmwire::headers headers;
  std::string raw_body;  ///< empty for what was streamed, unless `chat_request::keep_raw_body`
  warmwire::rate_limits rate_limits;
  warmwire::provenance provenance;
};

}  // namespace warmwire

// The line that DEBUG_CONNECTIONS prints for each request. Pure.
#pragma once

#include "http/url.hpp"

#include <warmwire/error.hpp>
#include <warmwire/provenance.hpp>
#include <warmwire/request.hpp>
#include <warmwire/stats.hpp>

#include <optional>
#include <string>

namespace warmwire::detail {

struct finished_request {
  const request& what;
  const http::url& url;
  int status;
  const std::optional<error>& failure;
  const provenance& from;
  const pool_stats& stats;
  bool names_path = false;  ///< see `transport_options::log_paths`
};

/// Provider, duration, success, where the time went, and the pool's figures. No query and no headers: nothing in it is
/// a secret.
[[nodiscard]] std::string describe_request(const finished_request& done);

}  // namespace warmwire::detail

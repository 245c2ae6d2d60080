#include "cli/advice.hpp"

#include "cli/terminal.hpp"

namespace warmwire::cli {

bool is_wrong_usage(errc code) {
  return code == errc::invalid_option || code == errc::invalid_url || code == errc::unsupported_scheme;
}

std::string advice(const error& reason) {
  switch (reason.code) {
    case errc::authentication:
      return "Check the key in OPENAI_API_KEY (or the provider's own variable).";
    case errc::permission_denied:
      return "The key is valid but may not do this: check its project and the model.";
    case errc::billing:
      return "The account has no credit left.";
    case errc::not_found:
      return "Check --model, and that --base-url ends where the API begins (often /v1).";
    case errc::rate_limited:
      if (!reason.retry_after) return "Try again later, or check the account's quota.";
      return "Try again in " + fixed(static_cast<double>(reason.retry_after->count()) / 1000) + " s.";
    case errc::resolve_failed:
      return "Check the host in --base-url, and the network.";
    case errc::connect_failed:
    case errc::connect_timeout:
      return "Check that the server runs, and the host and port in --base-url.";
    case errc::certificate_self_signed:
    case errc::certificate_unknown_authority:
      return "If you trust the server, name its authority with --ca-file.";
    case errc::certificate_wrong_host:
      return "Use the name in the certificate in --base-url.";
    case errc::tls_failed:
      return "Check that the server speaks TLS on this port (https, not http).";
    case errc::deadline_exceeded:
      return "Allow more time with --timeout.";
    case errc::server_error:
    case errc::service_unavailable:
    case errc::gateway_timeout:
    case errc::overloaded:
      return "The provider has a problem; try again later.";
    case errc::unexpected_body:
      return "Check that --base-url belongs to an API that speaks OpenAI's Chat Completions.";
    default:
      return {};
  }
}

}  // namespace warmwire::cli

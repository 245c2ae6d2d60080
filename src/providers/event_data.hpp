// The data of one event of a stream, whatever the API. Pure.
#pragma once

#include "providers/api_stream.hpp"
#include "providers/json_document.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace warmwire::providers {

/// An object for a stream to read. Where it is none, `step` says what that means: the end by `[DONE]`, which gateways
/// add to every API; an error in a list of one, as Google sends it; nothing at all under a name that the API does not
/// have.
class event_data {
 public:
  /// `known` are the API's names of events, beside the default one.
  event_data(std::string_view name, std::string_view data, std::span<const std::string_view> known);

  [[nodiscard]] const std::optional<stream_step>& step() const noexcept { return step_; }
  /// Only where there is no step.
  [[nodiscard]] const boost::json::object& object() const noexcept { return *document_.object(); }

 private:
  [[nodiscard]] std::optional<stream_step> step_of(std::string_view data, bool is_known) const;

  const json_document document_;
  std::optional<stream_step> step_;
};

}  // namespace warmwire::providers

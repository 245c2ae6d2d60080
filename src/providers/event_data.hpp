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
/// add to every API; an error in a list, as Google sends it, or as a text in an event of that name; nothing at all
/// under a name that the API does not have.
class event_data {
 public:
  /// `known` are the API's names of events, beside the default one and "error". The texts must outlive it.
  event_data(std::string_view name, std::string_view data, std::span<const std::string_view> known);

  [[nodiscard]] const std::optional<stream_step>& step() const noexcept { return step_; }
  /// Only where there is no step.
  [[nodiscard]] const boost::json::object& object() const noexcept { return *document_.object(); }
  /// The error that the object is, or nothing.
  [[nodiscard]] std::optional<error_words> failure() const;
  /// Of an object in which the API finds nothing.
  [[nodiscard]] stream_step ignored() const { return stream_step::ignored(data_); }

 private:
  [[nodiscard]] std::optional<stream_step> step_of(bool is_known) const;

  const std::string_view name_;
  const std::string_view data_;
  const json_document document_;
  std::optional<stream_step> step_;
};

}  // namespace warmwire::providers

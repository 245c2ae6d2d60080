#include "providers/event_data.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::providers {

event_data::event_data(std::string_view name, std::string_view data, std::span<const std::string_view> known)
    : name_(name), data_(data), document_(data) {
  const bool has_own_name = std::find(known.begin(), known.end(), name) != known.end();
  const bool is_default = name.empty() || name == "message";
  if (data == "[DONE]" && !has_own_name) {
    step_ = stream_step::ended();
  } else {
    step_ = step_of(has_own_name || is_default);
  }
}

std::optional<stream_step> event_data::step_of(bool is_known) const {
  if (document_.object() != nullptr) return std::nullopt;
  auto words = document_.problem().empty() ? find_error_words(document_.root()) : find_error_words(data_);
  if (name_ == "error" && !words) words = error_words{.message = std::string(data_)};
  if (words) return stream_step::failed(std::move(*words));
  if (document_.is_too_large()) {
    return stream_step::nonsense(
        "an event of the stream has more than " + std::to_string(one_go.max_values) + " values", {},
        errc::response_too_large);
  }
  if (data_.empty() || !is_known) return stream_step::ignored(data_);
  return stream_step::nonsense(
      document_.problem().empty() ? "an event of the stream is no JSON object" : "an event of the stream is not JSON",
      data_);
}

std::optional<error_words> event_data::failure() const {
  if (name_ != "error" && !is_error(object())) return std::nullopt;
  if (auto words = find_error_words(object())) return words;
  return error_words{.message = object().empty() ? std::string() : std::string(data_)};
}

}  // namespace warmwire::providers

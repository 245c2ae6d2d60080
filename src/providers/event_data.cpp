#include "providers/event_data.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::providers {

event_data::event_data(std::string_view name, std::string_view data, std::span<const std::string_view> known)
    : document_(data) {
  const bool has_own_name = std::find(known.begin(), known.end(), name) != known.end();
  const bool is_default = name.empty() || name == "message";
  if (data == "[DONE]" && !has_own_name) {
    step_ = stream_step::ended();
  } else {
    step_ = step_of(data, has_own_name || is_default);
  }
}

std::optional<stream_step> event_data::step_of(std::string_view data, bool is_known) const {
  if (document_.object() != nullptr) return std::nullopt;
  const auto* list = document_.root().if_array();
  if (list != nullptr && list->size() == 1) {
    if (auto words = find_error_words(list->front())) return stream_step::failed(std::move(*words));
  }
  if (document_.is_too_large()) {
    return stream_step::nonsense(
        "an event of the stream has more than " + std::to_string(one_go.max_values) + " values",
        errc::response_too_large);
  }
  if (data.empty() || !is_known) return stream_step::go_on();
  return stream_step::nonsense(document_.problem().empty() ? "an event of the stream is no JSON object"
                                                           : "an event of the stream is not JSON");
}

}  // namespace warmwire::providers

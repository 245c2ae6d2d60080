#include "providers/model_check.hpp"

#include "text/printable.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace warmwire::providers {
namespace {

constexpr std::size_t max_model_bytes = 512;

error wrong_model(std::string message) {
  return {.code = errc::invalid_option, .message = std::move(message)};
}

// Percent-encoding does not help against these: what resolves a URL takes them for steps, however they are written.
bool is_step(std::string_view segment) {
  return segment == "." || segment == "..";
}

bool can_be_in_a_path(std::string_view segment) {
  return !segment.empty() && !is_step(segment);
}

result<void> check_gemini_name(std::string_view model) {
  const auto slash = std::min(model.find('/'), model.size());
  const auto name = slash == model.size() ? model : model.substr(slash + 1);
  const bool fits =
      can_be_in_a_path(model.substr(0, slash)) && can_be_in_a_path(name) && name.find('/') == std::string_view::npos;
  if (fits) return {};
  return wrong_model("model must be a name, or a kind and a name such as tunedModels/NAME, with Google's Gemini");
}

}  // namespace

result<void> check_model(const provider_config& config, std::string_view model) {
  if (model.empty()) return wrong_model("model is empty; it must name a model, here or in default_model");
  if (model.size() > max_model_bytes) {
    std::string message = "model has ";
    return wrong_model(message.append(std::to_string(model.size()))
                           .append(" bytes; it may have ")
                           .append(std::to_string(max_model_bytes)));
  }
  if (text::printable(model, max_model_bytes + 1) != model) {
    return wrong_model("model holds a control character, a blank too many or what is not UTF-8; it must name a model");
  }
  if (config.api == wire_api::gemini) return check_gemini_name(model);
  if (config.names_deployments && is_step(model)) {
    std::string message = "model is \"";
    return wrong_model(message.append(model).append("\"; it must name a deployment"));
  }
  return {};
}

}  // namespace warmwire::providers

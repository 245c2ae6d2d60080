// Options that take a duration.
#include "cli/durations.hpp"

#include <CLI/Error.hpp>
#include <CLI/Option.hpp>

#include <utility>

namespace warmwire::cli {
namespace {

std::string allowed(const duration_option& option) {
  using emulator::duration_text;
  std::string text = "allowed: " + duration_text(option.at_least) + " to " + duration_text(option.at_most);
  if (option.step > std::chrono::microseconds(1)) text += " in steps of " + duration_text(option.step);
  return text + ", written like 200ms, 1.5s or 2m";
}

}  // namespace

CLI::Option* add_duration(CLI::App& command, const duration_option& option,
                          std::function<void(std::chrono::microseconds)> store) {
  auto read = [option, store = std::move(store)](const std::string& text) {
    const auto value = emulator::parse_duration(text);
    if (!value || *value < option.at_least || *value > option.at_most || *value % option.step != value->zero()) {
      throw CLI::ValidationError(option.flag, "cannot use '" + text + "'; " + allowed(option));
    }
    store(*value);
  };
  return command.add_option_function<std::string>(option.flag, std::move(read), option.help)->type_name("DURATION");
}

}  // namespace warmwire::cli

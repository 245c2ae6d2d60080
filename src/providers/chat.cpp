#include <warmwire/chat.hpp>

namespace warmwire {

std::string_view to_string(role value) noexcept {
  switch (value) {
    case role::system:
      return "system";
    case role::user:
      return "user";
    case role::assistant:
      return "assistant";
  }
  return "unknown";
}

std::string_view to_string(finish_reason value) noexcept {
  switch (value) {
    case finish_reason::stop:
      return "stop";
    case finish_reason::length:
      return "length";
    case finish_reason::content_filter:
      return "content_filter";
    case finish_reason::tool_calls:
      return "tool_calls";
    case finish_reason::other:
      return "other";
  }
  return "unknown";
}

}  // namespace warmwire

#include <warmwire/chat.hpp>

#include <utility>

namespace warmwire {

std::string_view to_string(role value) noexcept {
  switch (value) {
    case role::system:
      return "system";
    case role::user:
      return "user";
    case role::assistant:
      return "assistant";
    case role::tool:
      return "tool";
  }
  return "unknown";
}

message tool_answer(const tool_call& call, std::string content) {
  message out{.role = role::tool};
  out.parts.emplace_back(tool_result{.call_id = call.id, .content = std::move(content), .name = call.name});
  return out;
}

std::string_view to_string(reasoning_effort value) noexcept {
  switch (value) {
    case reasoning_effort::none:
      return "none";
    case reasoning_effort::minimal:
      return "minimal";
    case reasoning_effort::low:
      return "low";
    case reasoning_effort::medium:
      return "medium";
    case reasoning_effort::high:
      return "high";
    case reasoning_effort::xhigh:
      return "xhigh";
    case reasoning_effort::max:
      return "max";
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

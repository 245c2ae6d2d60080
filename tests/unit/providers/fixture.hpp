// What the tests of the providers share: configurations without an environment, and streams run from text.
#pragma once

#include "providers/calls.hpp"
#include "providers/chat_stream.hpp"
#include "providers/provider_config.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers::testing {

/// With the key "sk-test-key-1234".
[[nodiscard]] provider_config config_of(const std::string& provider, openai_api api = openai_api::chat_completions);
/// The same at a base URL of its own; empty: the provider's.
[[nodiscard]] provider_config config_at(const std::string& provider, const std::string& base_url,
                                        openai_api api = openai_api::chat_completions);

[[nodiscard]] chat_request ask(std::string text);

/// The body that is sent; fails the test when the request cannot be made.
[[nodiscard]] std::string sent(const provider_config& config, const chat_request& chat, delivery how = delivery::whole);
/// The message of the error when the request cannot be made; empty when it can.
[[nodiscard]] std::string refusal_of(const provider_config& config, const chat_request& chat,
                                     delivery how = delivery::whole);

[[nodiscard]] response success(std::string body);
[[nodiscard]] boost::json::value parsed(std::string_view text);

/// One line for each event.
[[nodiscard]] std::string described(const stream_event& event);

struct stream_outcome {
  std::vector<std::string> events;
  std::optional<error> failure;
  bool is_finished = false;
  chat_reply reply;
};

enum class ending : std::uint8_t { clean, broken };

/// Feeds `text` in pieces of `piece` bytes and ends the stream.
[[nodiscard]] stream_outcome run_stream(const provider_config& config, std::string_view text,
                                        std::size_t piece = std::string::npos, ending how = ending::clean,
                                        const std::string& content_type = "text/event-stream",
                                        answer_choices asked = answer_choices::one);

/// The same, and every size of piece must come to the same.
[[nodiscard]] stream_outcome run_in_all_pieces(const provider_config& config, std::string_view text,
                                               answer_choices asked = answer_choices::one);

/// `text` without its last events, for each number of them: "a\n\nb\n\n" gives "" and "a\n\n".
[[nodiscard]] std::vector<std::string> cut_after_each_event(std::string_view text);

}  // namespace warmwire::providers::testing

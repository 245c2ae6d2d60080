// Streamed answers of every provider in any bytes and pieces. Input: the provider on a line, with a * behind it if the
// answer is no event stream, then the body.
#include "providers/chat_stream.hpp"
#include "providers/provider_config.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <memory>
#include <optional>

namespace {

using namespace warmwire;
using fuzz::require;

std::shared_ptr<const providers::provider_config> config_of(std::string_view name) {
  provider_options whom{.provider = "openai", .api_key = secret("sk-fuzz-0123456789abcdef"), .default_model = "m"};
  if (name == "responses") whom.api = openai_api::responses;
  if (name == "anthropic" || name == "google" || name == "groq") whom.provider = name;
  const auto made = providers::make_provider_config(whom, [](const char*) -> const char* { return nullptr; });
  return std::make_shared<const providers::provider_config>(*made);
}

/// What the events say, and that they come in an order that makes sense.
class listener {
 public:
  void hear(const stream_event& event) {
    require(!is_finished_, "nothing comes after the last event");
    if (const auto* text = std::get_if<text_delta>(&event)) said += text->text;
    if (const auto* start = std::get_if<tool_call_started>(&event)) {
      require(start->index == started_++, "calls are counted from 0");
    }
    if (const auto* piece = std::get_if<tool_call_arguments>(&event)) {
      require(piece->index < started_, "a call begins before its arguments come");
    }
    if (const auto* end = std::get_if<tool_call_ended>(&event)) {
      require(end->index < started_, "a call begins before it ends");
      ++ended_;
    }
    is_finished_ = std::holds_alternative<chat_finished>(event);
    kinds += static_cast<char>('a' + event.index());
  }
  void check(const chat_reply& reply) const {
    require(is_finished_, "the last event says that the answer is complete");
    require(reply.tool_calls.size() == started_ && ended_ <= started_, "a complete answer tells of all its calls");
    const bool may_be_cut = reply.finish != finish_reason::stop && reply.finish != finish_reason::tool_calls;
    require(ended_ == started_ || may_be_cut, "a call that nothing has cut is told as whole");
    fuzz::require_equal(reply.content, said, "the reply is what was streamed");
  }

  std::string said;
  std::string kinds;

 private:
  std::size_t started_ = 0;
  std::size_t ended_ = 0;
  bool is_finished_ = false;
};

void check(const error& failure, const listener& heard) {
  require(fuzz::is_one_line(failure.message) && !failure.message.empty(), "an error can be printed");
  if (failure.partial) fuzz::require_equal(failure.partial->content, heard.said, "what had arrived was streamed");
  require(failure.partial || heard.said.empty(), "what had arrived comes with the error");
}

std::string read(const std::shared_ptr<const providers::provider_config>& config, const std::string& type,
                 const std::vector<std::string_view>& pieces) {
  providers::chat_stream stream(config,
                                {.status = 200, .headers = {{"Content-Type", type}}, .body = {}, .provenance = {}});
  listener heard;
  for (std::size_t i = 0; i <= pieces.size(); ++i) {
    if (i < pieces.size()) stream.feed(pieces[i]);
    if (i == pieces.size()) stream.end();
    while (true) {
      const auto event = stream.next();
      if (!event) {
        check(event.error(), heard);
        require(!stream.is_finished(), "a failed answer is not complete");
        return heard.kinds + heard.said + "|failed: " + event.error().message;
      }
      if (!*event) break;
      heard.hear(**event);
    }
  }
  require(stream.is_finished(), "a stream that has ended is complete or an error");
  heard.check(stream.reply());
  return heard.kinds + heard.said + "|" + stream.reply().finish_text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::as_text(data, size);
  auto name = fuzz::next_line(text);
  const bool is_whole = name.ends_with('*');
  if (is_whole) name.remove_suffix(1);
  const auto config = config_of(name);
  std::optional<std::string> first;
  for (const auto& pieces : fuzz::cuts(text)) {
    auto got = read(config, is_whole ? "application/json" : "text/event-stream", pieces);
    if (first) fuzz::require_equal(*first, got, "pieces mean the same as the whole");
    first = std::move(got);
  }
  return 0;
}

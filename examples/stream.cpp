// An answer while it arrives: example_stream [MODEL]
#include <warmwire/client.hpp>

#include <iostream>

int main(int argc, char** argv) {
  warmwire::client ai;
  warmwire::chat_request question;
  question.model = argc > 1 ? argv[1] : "openai/gpt-5-mini";
  question.messages = {{warmwire::role::user, "Tell me a story in three sentences."}};

  auto answer = ai.stream(question);
  for (const auto& event : answer) {
    if (const auto* text = std::get_if<warmwire::text_delta>(&event)) std::cout << text->text << std::flush;
    if (const auto* thought = std::get_if<warmwire::reasoning_delta>(&event)) std::cerr << thought->text;
    // `break` here would tell the provider at once that nobody listens any more.
  }

  const auto reply = answer.reply();
  if (!reply) {
    // A stream that broke is an error, never half an answer that looks like a whole one.
    std::cerr << '\n' << reply.error().to_string() << '\n';
    return 1;
  }
  std::cout << "\n  (finished: " << reply->finish_text << ", " << reply->usage.output_tokens << " tokens)\n";
}

// A conversation of two questions. The model's name chooses the provider:
//   OPENAI_API_KEY=...    example_chat
//   ANTHROPIC_API_KEY=... example_chat anthropic/claude-sonnet-5-5
//   GOOGLE_API_KEY=...    example_chat google/gemini-2.5-flash
#include <warmwire/client.hpp>

#include <iostream>

int main(int argc, char** argv) {
  warmwire::client ai;
  warmwire::chat_request talk;
  talk.model = argc > 1 ? argv[1] : "openai/gpt-5-mini";
  talk.messages = {{warmwire::role::system, "Answer in one sentence."}};

  for (const auto* question : {"Why is the sky blue?", "And why is it red in the evening?"}) {
    talk.messages.push_back({warmwire::role::user, question});
    const auto answer = ai.chat(talk);
    if (!answer) {
      std::cerr << answer.error().to_string() << '\n';
      return 1;
    }
    std::cout << "> " << question << '\n'
              << answer->content << '\n'
              << "  (" << answer->usage.input_tokens << " + " << answer->usage.output_tokens << " tokens, connection "
              << answer->provenance.connection_id << (answer->provenance.reused ? ", warm)\n" : ", new)\n");
    talk.messages.push_back(answer->message);  // with all that the provider wants back
  }
}

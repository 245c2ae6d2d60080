// An answer that follows a JSON Schema: example_structured [MODEL]
#include <warmwire/client.hpp>

#include <iostream>

int main(int argc, char** argv) {
  warmwire::client ai;
  warmwire::chat_request question;
  question.model = argc > 1 ? argv[1] : "openai/gpt-5-mini";
  question.messages = {{warmwire::role::user, "Ada Lovelace was born in 1815. Who was born when?"}};
  question.output = warmwire::json_output{.schema = R"({
    "type": "object",
    "properties": {"name": {"type": "string"}, "born": {"type": "integer"}},
    "required": ["name", "born"],
    "additionalProperties": false
  })",
                                          .name = "person"};

  const auto answer = ai.chat(question);
  if (!answer) {
    std::cerr << answer.error().to_string() << '\n';
    return 1;
  }
  if (!answer->refusal.empty() || answer->finish != warmwire::finish_reason::stop) {
    std::cerr << "no whole answer: " << answer->refusal << answer->finish_text << '\n';
    return 1;
  }
  std::cout << answer->content << '\n';  // JSON
}

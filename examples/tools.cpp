// The model asks this program for the weather: example_tools [MODEL]
#include <warmwire/client.hpp>

#include <iostream>

namespace {

constexpr int most_rounds = 5;

// `arguments` is JSON as the model wrote it; a real program would parse and check it.
std::string weather(const std::string& arguments) {
  return R"({"asked":)" + (arguments.empty() ? "{}" : arguments) + R"(,"sky":"clear","celsius":21})";
}

}  // namespace

int main(int argc, char** argv) {
  warmwire::client ai;
  warmwire::chat_request talk;
  talk.model = argc > 1 ? argv[1] : "openai/gpt-5-mini";
  talk.messages = {{warmwire::role::user, "What is the weather in Paris?"}};
  talk.tools = {{.name = "weather",
                 .description = "The weather of a city right now.",
                 .parameters = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"}};

  for (int round = 0; round < most_rounds; ++round) {
    const auto answer = ai.chat(talk);
    if (!answer) {
      std::cerr << answer.error().to_string() << '\n';
      return 1;
    }
    talk.messages.push_back(answer->message);
    if (answer->tool_calls.empty()) {
      std::cout << answer->content << '\n';
      return 0;
    }
    for (const auto& call : answer->tool_calls) {
      std::cout << call.name << '(' << call.arguments << ")\n";
      talk.messages.push_back(warmwire::tool_answer(call, weather(call.arguments)));
    }
  }
  std::cerr << "the model asks on and on\n";
  return 1;
}

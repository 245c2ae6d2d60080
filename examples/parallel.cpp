// A hundred questions at once, over as few connections as it takes: example_parallel [MODEL]
#include <warmwire/async_client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>
#include <set>
#include <string>

namespace asio = boost::asio;

namespace {

constexpr int questions = 100;

struct tally {
  int answered = 0;
  int failed = 0;
  std::string last_error;
  std::set<std::uint64_t> connections;
};

asio::awaitable<void> ask(warmwire::async_client& ai, std::string model, int number, tally& all) {
  warmwire::chat_request question;
  question.model = std::move(model);
  question.messages = {{warmwire::role::user, "What is the square of " + std::to_string(number) + "?"}};
  question.tag = "square " + std::to_string(number);  // names it in the pool's errors and figures
  const auto answer = co_await ai.async_chat(question, asio::use_awaitable);
  if (answer) {
    ++all.answered;
    all.connections.insert(answer->provenance.connection_id);
  } else {
    ++all.failed;
    all.last_error = answer.error().to_string();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string model = argc > 1 ? argv[1] : "openai/gpt-5-mini";
  tally all;
  {
    asio::io_context loop;  // one thread for all of them
    warmwire::transport pools(loop.get_executor());
    warmwire::async_client ai(pools);
    for (int number = 0; number < questions; ++number)
      asio::co_spawn(loop, ask(ai, model, number, all), asio::detached);
    while (all.answered + all.failed < questions)
      loop.run_one();
  }  // closes every connection
  std::cout << all.answered << " answers over " << all.connections.size() << " connection(s), " << all.failed
            << " failed\n";
  if (all.failed > 0) std::cerr << all.last_error << '\n';
  return all.failed > 0 ? 1 : 0;
}

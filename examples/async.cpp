// A streamed answer in a coroutine, on an event loop of one's own: example_async [MODEL]
#include <warmwire/async_client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> talk(warmwire::transport& pools, std::string model) {
  warmwire::async_client ai(pools);
  warmwire::chat_request question;
  question.model = std::move(model);
  question.messages = {{warmwire::role::user, "Count to five."}};

  auto opened = co_await ai.async_stream(question, asio::use_awaitable);
  auto answer = std::move(opened).value();  // value() throws warmwire::exception
  while (true) {
    const auto event = (co_await answer.next()).value();
    if (!event) break;  // complete: a stream that breaks off is an error
    if (const auto* text = std::get_if<warmwire::text_delta>(&*event)) std::cout << text->text << std::flush;
  }
  std::cout << "\n  (" << answer.reply().usage.output_tokens << " tokens)\n";
  (void)co_await pools.async_close_all(warmwire::default_drain, asio::use_awaitable);
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context loop;
  warmwire::transport pools(loop.get_executor());
  int exit_code = 0;
  asio::co_spawn(loop, talk(pools, argc > 1 ? argv[1] : "openai/gpt-5-mini"), [&](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& failure) {
      std::cerr << failure.what() << '\n';
      exit_code = 1;
      loop.stop();
    }
  });
  loop.run();
  return exit_code;
}

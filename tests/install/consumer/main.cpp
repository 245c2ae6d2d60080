// A program outside the repository, which has only the installed copy: chats in two lines of its own, and has an event
// loop of its own. What it asks for fails before anything is sent, so it needs no server.
#include <warmwire/client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>

namespace {

bool chats() {
  warmwire::client ai({.provider = "openai", .api_key = warmwire::secret("sk-test"), .base_url = "nowhere"});
  const auto answer = ai.chat("Are you there?");
  return !answer && answer.error().code == warmwire::errc::invalid_url;
}

bool sends_from_its_own_loop() {
  boost::asio::io_context context;
  warmwire::transport transport(context.get_executor());
  warmwire::errc seen{};
  transport.async_send({.url = "nowhere"}, [&](const warmwire::result<warmwire::response>& answer) {
    if (!answer) seen = answer.error().code;
  });
  // Deprecated, and therefore missing from what the library's own sources may call, but not from what it provides.
  boost::system::error_code ignored;
  context.run(ignored);
  return seen == warmwire::errc::invalid_url;
}

}  // namespace

int main() {
  const bool chatted = chats();
  const bool sent = sends_from_its_own_loop();
  std::cout << "chatted: " << chatted << ", sent: " << sent << '\n';
  return chatted && sent ? 0 : 1;
}

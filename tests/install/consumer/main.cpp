// A program outside the repository, which has only the installed copy: chats in two lines of its own, and has an event
// loop of its own. What it asks for fails before anything is sent, so it needs no server.
#include <warmwire/client.hpp>
#include <warmwire/transport.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

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

// The loop's code is the library's, what is asked here is inlined into this program: they agree on who runs what only
// if both are of one Asio.
bool shares_asio_with_the_library() {
  boost::asio::io_context context;
  bool at_once = false;
  boost::asio::post(context, [&] {
    bool ran = false;
    boost::asio::dispatch(context, [&] { ran = true; });
    at_once = ran;
  });
  context.run();
  return at_once;
}

}  // namespace

int main() {
  const bool chatted = chats();
  const bool sent = sends_from_its_own_loop();
  const bool shared = shares_asio_with_the_library();
  std::cout << "chatted: " << chatted << ", sent: " << sent << ", one Asio: " << shared << '\n';
  return chatted && sent && shared ? 0 : 1;
}

// One of the compared clients: calls over a warmwire pool with everything on that a program gets by default.
#include <warmwire/transport.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace {

using clock_type = std::chrono::steady_clock;

struct run {
  boost::asio::io_context& io;
  std::size_t callers;
  warmwire::transport pools{io.get_executor()};
  std::string url;
  std::string body;
  clock_type::time_point end;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;

  void call() {
    warmwire::request message;
    message.method = "POST";
    message.url = url;
    message.headers.add("Content-Type", "application/json");
    message.body = body;
    pools.async_send(std::move(message), [this](warmwire::result<warmwire::response> answer) {
      if (!answer && failed == 0) std::fprintf(stderr, "%s\n", answer.error().to_string().c_str());
      const bool good = answer && answer->status == 200;
      ++(good ? answered : failed);
      if (good && clock_type::now() < end) {
        call();
      } else if (--callers == 0) {
        io.stop();
      }
    });
  }
};

int calls(const std::string& url, const std::string& ca_file, std::size_t callers, int seconds,
          std::string_view protocol) {
  boost::asio::io_context io(1);
  run all{.io = io,
          .callers = callers,
          .url = url,
          .body = std::string(170, 'x'),
          .end = clock_type::now() + std::chrono::seconds(seconds)};
  warmwire::pool_options options;
  options.tls.emplace().ca_file = ca_file;
  options.max_connections = callers;
  options.protocol = protocol == "http2" ? warmwire::http_protocol::http2 : warmwire::http_protocol::http1;
  all.pools.configure("default", options).value();
  for (std::size_t i = 0; i < callers; ++i)
    all.call();
  io.run();
  std::printf("%llu\n", static_cast<unsigned long long>(all.answered));
  if (all.failed > 0) std::fprintf(stderr, "%llu calls failed\n", static_cast<unsigned long long>(all.failed));
  return all.failed > 0 ? 1 : 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::fputs("usage: calls_warmwire URL CA_FILE CALLERS SECONDS http1|http2\n", stderr);
    return 2;
  }
  try {
    return calls(words[1], words[2], std::strtoul(words[3], nullptr, 10), std::atoi(words[4]), words[5]);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "%s\n", why.what());
    return 1;
  }
}

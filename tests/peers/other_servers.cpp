// h2o and nghttpd as origins.
#include "tests/peers/servers.hpp"

#include <sstream>
#include <string>

namespace warmwire::test {
namespace {

std::string configuration(const h2o_options& options, const peer_files& files, std::uint16_t port) {
  std::ostringstream text;
  if (invoking_user() == "root") text << "user: root\n";
  text << "num-threads: 1\n"
       << "temp-buffer-path: " << files.directory() << "\n"
       << "access-log: " << files.directory() << "/access.log\n"
       << "http1-request-timeout: " << options.idle_seconds << "\n"
       << "http2-idle-timeout: " << options.idle_seconds << "\n"
       << "listen:\n  host: 127.0.0.1\n  port: " << port << "\n"
       << "  ssl:\n    certificate-file: " << files.certificate() << "\n    key-file: " << files.key() << "\n"
       << "hosts:\n  default:\n    paths:\n      /:\n"
       << "        proxy.reverse.url: " << options.upstream << "\n        proxy.preserve-host: ON\n";
  return text.str();
}

}  // namespace

peer start_h2o(const h2o_options& options) {
  return peer([&](const peer_files& files, std::uint16_t port) {
    const auto file = files.write("h2o.conf", configuration(options, files, port));
    return peer_command{installed("h2o"), {"--conf", file}};
  });
}

peer start_nghttpd(const nghttpd_options& options) {
  return peer([&](const peer_files& files, std::uint16_t port) {
    return peer_command{
        installed("nghttpd"),
        {"--address=127.0.0.1", "--echo-upload", "--max-concurrent-streams=" + std::to_string(options.max_streams),
         "--htdocs=" + files.directory(), std::to_string(port), files.key(), files.certificate()}};
  });
}

}  // namespace warmwire::test

// nginx as an origin: one worker, TLS, everything it writes in the peer's directory.
#include "tests/peers/servers.hpp"

#include <sstream>
#include <string>

namespace warmwire::test {
namespace {

std::string location(const nginx_options& options) {
  if (options.upstream.empty()) return "return 200 \"nginx\\n\";";
  return std::string("proxy_pass ")
      .append(options.upstream)
      .append("; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_read_timeout 300s;");
}

std::string configuration(const nginx_options& options, const peer_files& files, std::uint16_t port) {
  std::ostringstream text;
  text << "daemon off;\nworker_processes 1;\nerror_log stderr notice;\n"
       << "pid " << files.directory() << "/nginx.pid;\n";
  if (invoking_user() == "root") text << "user root;\n";  // a user directive of others is only warned about
  text << "events { worker_connections 512; }\nhttp {\n"
       << "log_format seen '$connection $connection_requests $server_protocol $status $ssl_session_reused "
          "$request_uri';\n"
       << "access_log " << files.directory() << "/access.log seen;\n";
  for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text << kind << "_temp_path " << files.directory() << "/" << kind << ";\n";
  text << "client_max_body_size 0;\n"
       << "keepalive_timeout " << options.keepalive_timeout << ";\n"
       << "keepalive_requests " << options.keepalive_requests << ";\n"
       << "ssl_certificate " << files.certificate() << ";\nssl_certificate_key " << files.key() << ";\n"
       << "ssl_protocols " << options.tls_versions << ";\n"
       << "server {\nlisten 127.0.0.1:" << port << " ssl" << (options.http2 ? " http2" : "") << ";\n"
       << "location / { " << location(options) << " }\n}\n}\n";
  return text.str();
}

}  // namespace

peer start_nginx(const nginx_options& options) {
  return peer([&](const peer_files& files, std::uint16_t port) {
    const auto file = files.write("nginx.conf", configuration(options, files, port));
    // Debian's own error log is opened before the configuration is read, unless another one is named here.
    return peer_command{installed("nginx"), {"-c", file, "-p", files.directory(), "-e", "stderr"}};
  });
}

std::vector<nginx_request> requests_at_end(peer& nginx) {
  nginx.stop();
  std::istringstream lines(nginx.files().read("access.log"));
  std::vector<nginx_request> seen;
  nginx_request next;
  std::string reused;
  while (lines >> next.connection >> next.on_connection >> next.protocol >> next.status >> reused >> next.target) {
    next.session_reused = reused == "r";
    seen.push_back(next);
  }
  return seen;
}

}  // namespace warmwire::test

// A real name server that answers for some names and is silent for others, and the system's own resolver before it.
#include "emulator/emulator.hpp"
#include "tests/peers/network_namespace.hpp"

#include <warmwire/blocking_transport.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace warmwire::test::silent_name_server_test {
namespace {

using namespace std::chrono_literals;

/// The system's resolver gives up after three times half a minute.
constexpr auto patient_resolver = "nameserver 127.0.0.1\noptions timeout:30 attempts:3\n";
constexpr std::size_t dns_header_bytes = 12;

/// Says 127.0.0.1 of every name, and nothing of those that begin with "silent" (RFC 1035 §4).
class name_server {
 public:
  name_server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(53);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_bound_ = ::bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0;
    thread_ = std::thread([this] { serve(); });
  }
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;
  ~name_server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  [[nodiscard]] bool is_bound() const { return is_bound_; }

  void wait_until_asked_for(std::size_t silent_names) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return silent_.size() >= silent_names; });
  }

 private:
  void serve() {
    std::array<char, 512> packet{};
    sockaddr_in from{};
    for (;;) {
      socklen_t size = sizeof from;
      const auto count =
          ::recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= 0) return;
      const auto answer = answer_to({packet.data(), static_cast<std::size_t>(count)});
      if (answer.empty()) continue;  // not even an empty packet, which would be an answer
      ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  std::string answer_to(std::string_view asked) {
    const auto end_of_name = asked.find('\0', dns_header_bytes);
    const auto name = asked.substr(dns_header_bytes, end_of_name - dns_header_bytes);
    if (name.substr(1).starts_with("silent")) {
      const std::lock_guard lock(mutex_);
      silent_.emplace(name);
      changed_.notify_all();
      return {};
    }
    const bool wants_v4 = asked.at(end_of_name + 2) == 1;
    using namespace std::string_view_literals;
    std::string out(asked.substr(0, 2));
    out.append("\x81\x80\0\1\0"sv).append(wants_v4 ? "\1"sv : "\0"sv).append("\0\0\0\0"sv);
    out.append(asked.substr(dns_header_bytes, end_of_name + 5 - dns_header_bytes));
    if (wants_v4) out.append("\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4\x7F\0\0\1"sv);
    return out;
  }

  const int socket_;
  bool is_bound_ = false;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> silent_;
};

transport_options patient_transport() {
  transport_options options;
  options.defaults.proxy = proxy_options{.use_environment = false};
  options.defaults.connect_timeout = 80s;
  return options;
}

request get(const std::string& host, std::uint16_t port) {
  return {.provider = host, .url = "http://" + host + ":" + std::to_string(port) + "/v1/models"};
}

void ask_beside_silence(private_network& network) {
  for (const auto& [file, content] :
       {std::pair{"/etc/resolv.conf", patient_resolver}, {"/etc/nsswitch.conf", "hosts: files dns\n"}}) {
    if (const auto obstacle = network.replace_file(file, content)) GTEST_SKIP() << *obstacle;
  }
  name_server names;
  ASSERT_TRUE(names.is_bound());
  const emulator::server server({.tls = false});
  auto transport = std::make_unique<blocking_transport>(patient_transport());
  std::vector<std::future<result<response>>> silent;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(std::async(std::launch::async, [&, i] {
      return transport->send(get("silent-" + std::to_string(i) + ".test", server.port()));
    }));
  }
  names.wait_until_asked_for(silent.size());

  const auto good = transport->send(get("good.test", server.port()));
  EXPECT_TRUE(good.has_value()) << good.error().to_string();
  for (const auto& each : silent)
    EXPECT_EQ(each.wait_for(0s), std::future_status::timeout) << "the good name waited for a silent one";

  const auto begun = std::chrono::steady_clock::now();
  transport.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s) << "the end waited for a name server";
  for (auto& each : silent)
    EXPECT_FALSE(each.get().has_value());
}

TEST(silent_name_server, keeps_nobody_waiting_but_those_who_want_its_names) {
  const auto obstacle = private_network::run(ask_beside_silence, private_network::needs::loopback);
  if (obstacle) GTEST_SKIP() << *obstacle;
}

}  // namespace
}  // namespace warmwire::test::silent_name_server_test

// A network of a test's own. A thread can leave the network of its process, so there is no need to fork.
#include "tests/peers/network_namespace.hpp"

#include "emulator/temporary_directory.hpp"
#include "tests/peers/peer_process.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace warmwire::test {
namespace {

std::string reason(const char* what) {
  return std::string("cannot ").append(what).append(": ").append(std::generic_category().message(errno));
}

std::optional<std::string> bring_up_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq change{};
  std::strncpy(change.ifr_name, "lo", sizeof change.ifr_name - 1);
  change.ifr_flags = IFF_UP;
  const bool is_up = ::ioctl(socket, SIOCSIFFLAGS, &change) == 0;
  const auto failure = is_up ? std::nullopt : std::optional(reason("bring the loopback interface up"));
  ::close(socket);
  return failure;
}

/// Debian has two, and a kernel may know how to obey only one of them.
std::optional<std::string> working_iptables() {
  for (const auto* name : {"iptables", "iptables-nft", "iptables-legacy"}) {
    const auto program = find_program(name);
    if (program &&
        run_command({*program, {"--append", "INPUT", "--protocol", "udp", "--dport", "9", "--jump", "DROP"}}) == 0) {
      return program;
    }
  }
  return std::nullopt;
}

std::optional<std::string> enter(private_network::needs what) {
  if (::geteuid() != 0) return "needs root, to make a network of its own";
  if (::unshare(CLONE_NEWNET) != 0) return reason("make a network of its own");
  if (auto failure = bring_up_loopback()) return failure;
  if (what == private_network::needs::packet_filter && !working_iptables())
    return "iptables is missing or does not work here";
  return std::nullopt;
}

void drop(const std::string& iptables, std::uint16_t from, std::uint16_t to) {
  std::string said;
  const int status = run_command({iptables,
                                  {"--append", "INPUT", "--protocol", "tcp", "--sport", std::to_string(from), "--dport",
                                   std::to_string(to), "--jump", "DROP"}},
                                 &said);
  if (status != 0) throw std::runtime_error("iptables: " + said);
}

/// "0100007F:1F90" has the port 8080.
std::uint16_t port_of(std::string_view address) {
  std::uint16_t port = 0;
  const auto digits = address.substr(address.find(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
  return port;
}

/// The clients' ports of all established connections to `server`, from the kernel's table.
std::set<std::uint16_t> clients_of(std::uint16_t server) {
  constexpr std::string_view established = "01";
  std::set<std::uint16_t> clients;
  std::ifstream table("/proc/thread-self/net/tcp");
  std::string line;
  std::getline(table, line);  // the headings
  std::string slot;
  std::string local;
  std::string remote;
  std::string state;
  while (table >> slot >> local >> remote >> state && std::getline(table, line)) {
    if (state == established && port_of(remote) == server) clients.insert(port_of(local));
  }
  return clients;
}

}  // namespace

std::optional<std::string> private_network::run(const std::function<void(private_network&)>& scenario, needs what) {
  std::optional<std::string> failure;
  std::thread inside([&] {
    failure = enter(what);
    if (failure) return;
    try {
      private_network network;
      scenario(network);
    } catch (const std::exception& thrown) {
      ADD_FAILURE() << thrown.what();
    }
  });
  inside.join();
  return failure;
}

std::optional<std::string> private_network::replace_file(const std::string& file, const std::string& content) {
  if (::unshare(CLONE_NEWNS) != 0) return reason("have mounts of its own");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return reason("keep mounts to itself");
  const emulator::temporary_directory folder;
  const auto made = folder.write("replaced", content);
  if (::mount(made.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0) return reason("mount a file over another");
  return std::nullopt;
}

std::size_t private_network::silence_connections_to(std::uint16_t port) {
  const auto iptables = working_iptables();
  if (!iptables) throw std::runtime_error("iptables no longer works");
  const auto clients = clients_of(port);
  for (const auto client : clients) {
    drop(*iptables, client, port);
    drop(*iptables, port, client);
  }
  return clients.size();
}

}  // namespace warmwire::test

// That a peer is started, told of, and ended without a trace, whatever it does.
#include "tests/peers/peer_process.hpp"

#include "emulator/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string>

namespace warmwire::test::peer_process_test {
namespace {

using ::testing::HasSubstr;

peer_command shell(const std::string& script) {
  return {"/bin/sh", {"-c", script}};
}

TEST(peer_process, a_peer_that_ends_before_it_listens_is_reported_with_its_words) {
  const emulator::temporary_directory directory;
  try {
    const peer_process peer(directory.path(), [](std::uint16_t) { return shell("echo no such option; exit 1"); });
    FAIL() << "it started";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("no such option"));
  }
}

TEST(peer_process, a_program_that_does_not_exist_is_reported) {
  const emulator::temporary_directory directory;
  const auto start = [&] {
    return peer_process(directory.path(), [](std::uint16_t) { return peer_command{"/nowhere/server", {}}; });
  };
  EXPECT_THROW(start(), std::runtime_error);
  EXPECT_EQ(find_program("no-such-server-of-ours"), std::nullopt);
}

TEST(peer_process, reserved_ports_differ) {
  const reserved_port first;
  const reserved_port second;
  EXPECT_NE(first.number(), second.number());
}

TEST(peer_process, the_status_and_the_words_of_a_command_are_told) {
  std::string said;
  EXPECT_EQ(run_command(shell("echo out; echo err >&2; exit 3"), &said), 3);
  EXPECT_EQ(said, "out\nerr\n");
  EXPECT_EQ(run_command(shell("kill -9 $$")), -SIGKILL);
}

/// Listens, and has a child that does not care for SIGTERM.
constexpr auto stubborn_family = R"(
use Socket;
$| = 1;
socket(my $listener, PF_INET, SOCK_STREAM, 0);
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listener, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "bind: $!";
my $child = fork();
if ($child == 0) { $SIG{TERM} = 'IGNORE'; sleep 600; exit }
print "child $child\n";
listen($listener, 5);
sleep 600;
)";

/// Gone, or waiting to be reaped by whoever inherited it.
bool is_gone(const std::string& process) {
  std::ifstream in("/proc/" + process + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return !(in >> number >> name >> state) || state == "Z" || state == "X";
}

TEST(peer_process, its_stubborn_children_end_with_it) {
  const emulator::temporary_directory directory;
  std::string child;
  {
    const peer_process peer(directory.path(), [](std::uint16_t port) {
      return peer_command{"/usr/bin/perl", {"-e", stubborn_family, std::to_string(port)}};
    });
    std::istringstream said(peer.logs());
    for (std::string word; said >> word && word != "child";) {
    }
    said >> child;
    ASSERT_FALSE(is_gone(child));
  }
  // SIGKILL has been sent; that it has struck is a moment later.
  for (int left = 5000; left > 0 && !is_gone(child); --left)
    ::poll(nullptr, 0, 1);
  EXPECT_TRUE(is_gone(child));
}

}  // namespace
}  // namespace warmwire::test::peer_process_test

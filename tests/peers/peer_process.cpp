// A server program as the child of a test.
#include "tests/peers/peer_process.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace warmwire::test {
namespace {

// Bounds that only a broken peer reaches, on a machine that is busy and under sanitizers.
constexpr int start_tries = 3000;
constexpr int start_try_milliseconds = 20;
constexpr int end_milliseconds = 5000;
constexpr std::size_t log_tail_bytes = 4096;

[[noreturn]] void fail_with_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Asio and the sockets' own functions take the address by its general type.
template <class SocketAddress>
auto* as_general(SocketAddress& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

std::vector<char*> argument_pointers(peer_command& command) {
  std::vector<char*> raw{command.program.data()};
  for (std::string& argument : command.arguments)
    raw.push_back(argument.data());
  raw.push_back(nullptr);
  return raw;
}

/// Between fork and exec only what a signal handler may do is allowed.
[[noreturn]] void become(char* const* arguments, int output) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

pid_t start(peer_command command, int output) {
  const auto arguments = argument_pointers(command);
  const pid_t child = ::fork();
  if (child < 0) fail_with_errno("cannot fork for " + command.program);
  if (child == 0) become(arguments.data(), output);
  ::setpgid(child, child);  // whichever of the two comes first
  return child;
}

std::string tail_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > log_tail_bytes) text.erase(0, text.size() - log_tail_bytes);
  return text;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path).append(":/usr/sbin:/sbin:/usr/local/sbin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string program = std::string(folder).append("/").append(name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

int run_command(const peer_command& command, std::string* said) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_with_errno("pipe");
  const pid_t child = start(command, ends[1]);
  ::close(ends[1]);
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    if (said != nullptr) said->append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

reserved_port::reserved_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) fail_with_errno("socket");
  // Two sockets that both say so may have the same port as long as neither listens; the second to bind then does.
  const int yes = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(socket_, as_general(address), size) != 0 || ::getsockname(socket_, as_general(address), &size) != 0) {
    const int failure = errno;
    ::close(socket_);
    throw std::system_error(failure, std::generic_category(), "cannot reserve a port");
  }
  number_ = ntohs(address.sin_port);
}

reserved_port::~reserved_port() {
  if (socket_ >= 0) ::close(socket_);
}

reserved_port::reserved_port(reserved_port&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), number_(other.number_) {}

peer_process::peer_process(std::string directory, const std::function<peer_command(std::uint16_t port)>& make)
    : directory_(std::move(directory)) {
  const std::string output = directory_ + "/output.log";
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) fail_with_errno("cannot write " + output);
  process_ = start(make(port()), file);
  ::close(file);
  // glibc 2.36 declares pidfd_open for C only.
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
  try {
    if (handle_ < 0) fail_with_errno("pidfd_open");
    wait_until_it_listens();
  } catch (...) {
    stop();
    throw;
  }
}

peer_process::~peer_process() {
  stop();
}

peer_process::peer_process(peer_process&& other) noexcept
    : directory_(std::move(other.directory_)),
      port_(std::move(other.port_)),
      process_(std::exchange(other.process_, -1)),
      handle_(std::exchange(other.handle_, -1)) {}

bool peer_process::has_ended(int wait_milliseconds) const {
  pollfd watched{handle_, POLLIN, 0};
  return ::poll(&watched, 1, wait_milliseconds) > 0;
}

bool peer_process::accepts() const {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(port());
  const bool is_connected = ::connect(probe, as_general(address), sizeof address) == 0;
  ::close(probe);
  return is_connected;
}

void peer_process::wait_until_it_listens() {
  for (int left = start_tries; left > 0; --left) {
    if (accepts()) return;
    if (has_ended(start_try_milliseconds)) throw std::runtime_error("the peer ended before it listened\n" + logs());
  }
  throw std::runtime_error("the peer does not listen\n" + logs());
}

void peer_process::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  if (handle_ >= 0) (void)has_ended(end_milliseconds);
  // Before it is reaped: until then no other group can have this number.
  ::kill(-process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
  if (handle_ >= 0) ::close(std::exchange(handle_, -1));
}

std::string peer_process::logs() const {
  std::string all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    if (entry.path().extension() != ".log") continue;
    all.append("--- ").append(entry.path().filename().string()).append("\n").append(tail_of(entry.path()));
  }
  return all;
}

}  // namespace warmwire::test

// The warmwire program as a child of a test.
#include "tests/integration/cli/child_program.hpp"

#include <spawn.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace warmwire::cli {
namespace {

std::pair<int, int> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {ends[0], ends[1]};
}

}  // namespace

child_program::child_program(std::vector<std::string> arguments) {
  std::string name = WARMWIRE_PROGRAM;
  std::vector<char*> raw{name.data()};
  for (std::string& argument : arguments)
    raw.push_back(argument.data());
  raw.push_back(nullptr);
  const auto out = make_pipe();
  const auto err = make_pipe();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out.second, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.second, STDERR_FILENO);
  const int failure = ::posix_spawn(&process_, WARMWIRE_PROGRAM, &actions, nullptr, raw.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out.second);
  ::close(err.second);
  out_.descriptor = out.first;
  err_.descriptor = err.first;
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "spawn");
}

child_program::~child_program() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(out_.descriptor);
  ::close(err_.descriptor);
}

bool child_program::pipe_end::read_more() {
  std::array<char, 4096> buffer{};
  const auto count = ::read(descriptor, buffer.data(), buffer.size());
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool child_program::wait_for_output(const std::string& text) {
  while (out_.text.find(text) == std::string::npos) {
    if (!out_.read_more()) return false;
  }
  return true;
}

bool child_program::wait_for_errors(const std::string& text) {
  while (err_.text.find(text) == std::string::npos) {
    if (!err_.read_more()) return false;
  }
  return true;
}

void child_program::send_signal(int signal) const {
  ::kill(process_, signal);
}

program_outcome child_program::finish() {
  while (out_.read_more()) {
  }
  while (err_.read_more()) {
  }
  int status = 0;
  ::waitpid(std::exchange(process_, -1), &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), out_.text, err_.text};
}

}  // namespace warmwire::cli

#include "cli/emulator_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace warmwire::cli {
namespace {

// A child whose clean-up hangs is ended by the alarm.
constexpr unsigned clean_up_seconds = 5;

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {ends[0], ends[1]};
}

std::string read_to_end(int from) {
  std::string out;
  std::array<char, 1024> piece{};
  for (;;) {
    const auto count = ::read(from, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return out;
    out.append(piece.data(), static_cast<std::size_t>(count));
  }
}

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(to, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// The child: tells where it listens, or "!" and why it does not, and serves until the parent lets go of the lifeline.
void serve(const emulator::emulator_options& options, int answer, int lifeline) {
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the parent, which ends this process when it is done
  try {
    const emulator::server server(options);
    write_all(answer, server.base_url() + '\n' + server.ca_file());
    ::close(answer);
    read_to_end(lifeline);
    ::alarm(clean_up_seconds);
  } catch (const std::exception& error) {
    write_all(answer, '!' + std::string(error.what()));
  }
}

}  // namespace

emulator_process::emulator_process(const emulator::emulator_options& options) {
  const auto answer = make_pipe();
  const auto life = make_pipe();
  child_ = ::fork();
  if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child_ == 0) {
    ::close(answer.read);
    ::close(life.write);
    serve(options, answer.write, life.read);
    ::_exit(0);
  }
  ::close(answer.write);
  ::close(life.read);
  lifeline_ = life.write;
  const auto told = read_to_end(answer.read);
  ::close(answer.read);
  const auto line_end = told.find('\n');
  if (line_end == std::string::npos) {
    throw std::runtime_error("the emulator did not start" + (told.empty() ? "" : ": " + told.substr(1)));
  }
  base_url_ = told.substr(0, line_end);
  ca_file_ = told.substr(line_end + 1);
}

emulator_process::~emulator_process() {
  ::close(lifeline_);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace warmwire::cli

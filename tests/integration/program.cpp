#include "tests/integration/program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace warmwire {
namespace {

struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read = ends[0];
    write = ends[1];
  }

  int read = -1;
  int write = -1;
};

std::string read_to_end(int from) {
  std::string out;
  std::array<char, 4096> piece{};
  for (ssize_t count = 0; (count = ::read(from, piece.data(), piece.size())) > 0;) {
    out.append(piece.data(), static_cast<std::size_t>(count));
  }
  ::close(from);
  return out;
}

bool is_of_a_provider(std::string_view variable) {
  const auto name = variable.substr(0, variable.find('='));
  const bool is_known = name.starts_with("OPENAI_") || name.starts_with("ANTHROPIC_") || name.starts_with("AZURE_");
  return is_known || name == "OLLAMA_HOST" || name.ends_with("_API_KEY") || name.ends_with("_BASE_URL");
}

std::vector<std::string> environment_of(const program_run& what) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (is_of_a_provider(text) || text.starts_with("DEBUG_CONNECTIONS")) continue;
    if (!what.environment.contains(std::string(text.substr(0, text.find('='))))) out.emplace_back(text);
  }
  for (const auto& [name, value] : what.environment)
    out.push_back(name + '=' + value);
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

program_outcome run_program(const program_run& what) {
  const pipe_ends input;
  const pipe_ends output;
  const pipe_ends errors;
  std::vector<std::string> arguments{what.program.empty() ? WARMWIRE_PROGRAM : what.program};
  arguments.insert(arguments.end(), what.arguments.begin(), what.arguments.end());
  auto environment = environment_of(what);
  const auto argv = pointers_to(arguments);
  const auto envp = pointers_to(environment);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::dup2(input.read, STDIN_FILENO);
    ::dup2(output.write, STDOUT_FILENO);
    ::dup2(errors.write, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  for (const int end : {input.read, output.write, errors.write})
    ::close(end);
  program_outcome out;
  std::thread other([&] { out.errors = read_to_end(errors.read); });
  // Less than a pipe holds, so that this cannot block.
  static_cast<void>(!::write(input.write, what.input.data(), what.input.size()));
  ::close(input.write);
  out.output = read_to_end(output.read);
  other.join();
  int status = 0;
  ::waitpid(child, &status, 0);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return out;
}

}  // namespace warmwire

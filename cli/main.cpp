// The warmwire command: reads the command line and hands over to one file per command.
#include "cli/bench.hpp"
#include "cli/chat.hpp"
#include "cli/command.hpp"
#include "cli/demo.hpp"
#include "cli/emulate.hpp"
#include "cli/load.hpp"
#include "cli/version.hpp"
#include "text/printable.hpp"

#include <CLI/App.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace warmwire::cli;

std::vector<command> declare_commands(CLI::App& program) {
  return {declare_demo(program), declare_chat(program), declare_bench(program), declare_load(program),
          declare_emulate(program)};
}

std::string usage_message(const CLI::App* program, const CLI::Error& error) {
  const auto chosen = program->get_subcommands();
  const auto unknown = program->remaining();
  std::string text = "warmwire: ";
  text += chosen.empty() && !unknown.empty() ? "there is no command or option '" + unknown.front() + "'" : error.what();
  // What was typed may have come from anywhere.
  text = warmwire::text::for_terminal(text);
  if (!chosen.empty()) return text + "\nSee `warmwire " + chosen.back()->get_name() + " --help`.\n";
  text += "\nSee `warmwire --help`. Commands:";
  for (const CLI::App* command : program->get_subcommands({}))
    text += " " + command->get_name();
  return text + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Warm, pooled connections to AI providers", "warmwire"};
  program.set_version_flag("--version", version_text, "Print the version, the commit, and what it was built with");
  program.require_subcommand(1);
  program.failure_message(usage_message);
  try {
    const auto commands = declare_commands(program);
    program.parse(argc, argv);
    for (const command& candidate : commands) {
      if (candidate.usage->parsed()) return candidate.run();
    }
    return exit_usage;
  } catch (const CLI::ParseError& error) {
    // --help and --version arrive here, too, with an exit code of 0.
    return program.exit(error, std::cout, std::cerr) == 0 ? exit_success : exit_usage;
  } catch (const usage_error& error) {
    std::cerr << "warmwire: " << warmwire::text::for_terminal(error.what()) << "\nSee `warmwire --help`.\n";
    return exit_usage;
  } catch (const std::exception& error) {
    std::cerr << "warmwire: " << warmwire::text::for_terminal(error.what()) << '\n';
    return exit_failure;
  }
}

// The warmwire command: reads the command line and hands over to one file per command.
#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"Warm, pooled connections to AI providers", "warmwire"};
  app.set_version_flag("--version", WARMWIRE_VERSION);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return 0;
}

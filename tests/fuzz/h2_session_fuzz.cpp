// The HTTP/2 response path, deeper: the input is a script of frames whose form is right, and of what the client does.
#include "tests/fuzz/h2_dialogue.hpp"
#include "tests/fuzz/h2_script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto script = warmwire::fuzz::as_text(data, size);
  warmwire::fuzz::hold_dialogues(
      [script](warmwire::fuzz::h2_dialogue& dialogue) { warmwire::fuzz::follow(dialogue, script); });
  return 0;
}

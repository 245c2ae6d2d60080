// The HTTP/2 response path: three requests are under way, and then the server says the input, whatever it is.
#include "tests/fuzz/h2_dialogue.hpp"

namespace {

constexpr std::string_view settings("\0\0\0\4\0\0\0\0\0", 9);

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = warmwire::fuzz::as_text(data, size);
  warmwire::fuzz::hold_dialogues([bytes](warmwire::fuzz::h2_dialogue& dialogue) {
    dialogue.open("GET", 0);
    dialogue.open("HEAD", 0);
    dialogue.open("POST", 100'000);
    dialogue.write_out();
    dialogue.say(settings);
    dialogue.write_out();
    dialogue.say(bytes);
  });
  return 0;
}

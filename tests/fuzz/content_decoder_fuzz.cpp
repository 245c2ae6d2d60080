// Bodies with a content coding, in any bytes and pieces. Input: the coding on a line, then the body.
#include "http/content_decoder.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <optional>

namespace {

using namespace warmwire;
using fuzz::require;

struct outcome {
  std::string text;
  std::optional<error> failure;
  bool is_complete = false;
};

outcome decode(const headers& fields, const std::vector<std::string_view>& pieces) {
  http::content_decoder decoder(fields);
  outcome out;
  std::uint64_t fed = 0;
  for (const auto piece : pieces) {
    decoder.feed(std::string(piece));
    fed += piece.size();
    while (true) {
      const auto got = decoder.next();
      if (!got) {
        out.failure = got.error();
        return out;
      }
      if (got->empty()) break;
      out.text.append(*got);
      require(out.text.size() <= http::free_expansion_bytes + http::max_expansion * (fed + 1) || fields.empty(),
              "a body does not expand without limit");
    }
  }
  out.is_complete = decoder.is_complete();
  return out;
}

bool hit_limit(const outcome& what) {
  return what.failure && what.failure->code == errc::response_too_large;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::as_text(data, size);
  const auto coding = fuzz::next_line(text);
  const headers fields{{"content-encoding", std::string(coding)}};
  std::optional<outcome> first;
  for (const auto& pieces : fuzz::cuts(text)) {
    auto got = decode(fields, pieces);
    if (!first) {
      first = std::move(got);
      continue;
    }
    // How much comes before a limit or a mistake is noticed may depend on the pieces; whether it is does not.
    const auto shorter = std::min(got.text.size(), first->text.size());
    require(got.text.compare(0, shorter, first->text, 0, shorter) == 0, "pieces mean the same as the whole");
    if (hit_limit(got) || hit_limit(*first)) continue;
    require(got.is_complete == first->is_complete, "it is complete in whatever pieces");
    require(got.failure.has_value() == first->failure.has_value(), "it is valid in whatever pieces");
    require(got.failure || got.text == first->text, "pieces give all of it");
  }
  if (first->failure) {
    require(fuzz::is_one_line(first->failure->message) && !first->failure->message.empty(), "an error can be printed");
  }
  auto body = std::string(text);
  const auto whole = http::decode_content(fields, body, std::size_t{1} << 16);
  require(body.size() <= (std::size_t{1} << 16), "a body is bounded");
  require(!whole || body == first->text, "a whole body is what its pieces are");
  return 0;
}

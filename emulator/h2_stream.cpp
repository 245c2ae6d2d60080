// One request on an HTTP/2 connection and how far its answer has come.
#include "emulator/h2_stream.hpp"

#include <algorithm>
#include <utility>

namespace warmwire::emulator {

using state = h2_body_step::state;

// --- the body ---

h2_body::h2_body(answer said, const shape& wanted)
    : said_(std::move(said)),
      is_cut_(wanted.cut_after.has_value()),
      end_(wanted.may_have_body ? std::min(wanted.cut_after.value_or(whole_bytes()), whole_bytes()) : 0),
      empty_pieces_(wanted.empty_pieces) {
  has_pauses_ = said_.pace || std::any_of(said_.pieces.begin(), said_.pieces.end(),
                                          [](const body_piece& each) { return each.pause > each.pause.zero(); });
  pass_sent_pieces();
  is_sent_ = end_ > 0 || is_cut_ || wanted.has_sequel || empty_pieces_ > 0;
}

std::uint64_t h2_body::whole_bytes() const {
  return said_.filler_bytes > 0 ? said_.filler_bytes : said_.body.size();
}

h2_body_step h2_body::take(std::span<char> into, steady_time now) {
  if (empty_pieces_ > 0) {
    --empty_pieces_;
    return {.bytes = 0, .then = state::more};
  }
  if (is_cut()) return {.bytes = 0, .then = state::wait};
  const std::uint64_t allowed = bytes_until_pause(now);
  if (allowed == 0 && sent_ < end_) return {.bytes = 0, .then = state::wait};
  std::uint64_t bytes = std::min({std::uint64_t{into.size()}, end_ - sent_, allowed});
  if (said_.framing == fault::body_framing::chunked && said_.pieces.empty())
    bytes = std::min<std::uint64_t>(bytes, said_.chunk_bytes);
  copy(into.first(static_cast<std::size_t>(bytes)));
  if (said_.pace) piece_left_ -= static_cast<std::size_t>(bytes);
  finish_piece(now);
  const bool is_end = sent_ == end_ && !is_cut_;
  return {.bytes = static_cast<std::size_t>(bytes), .then = is_end ? state::end : state::more};
}

// None when the next piece is not due yet.
std::uint64_t h2_body::bytes_until_pause(steady_time now) {
  if (now < due_) return 0;
  std::uint64_t bytes = UINT64_MAX;
  if (said_.pace) {
    if (piece_left_ == 0) piece_left_ = said_.pace->bytes;
    bytes = piece_left_;
  }
  if (piece_ < said_.pieces.size()) bytes = std::min(bytes, said_.pieces[piece_].end - sent_);
  return bytes;
}

void h2_body::finish_piece(steady_time now) {
  if (said_.pace && piece_left_ == 0) due_ = now + said_.pace->interval;
  const std::size_t before = piece_;
  pass_sent_pieces();
  if (piece_ == before || piece_ == said_.pieces.size()) return;
  const auto pause = said_.pieces[piece_].pause;
  if (pause > pause.zero()) due_ = std::max(due_, now + pause);
}

void h2_body::pass_sent_pieces() {
  while (piece_ < said_.pieces.size() && said_.pieces[piece_].end <= sent_)
    ++piece_;
}

void h2_body::copy(std::span<char> into) {
  if (said_.filler_bytes > 0) {
    copy_filler(into, sent_);
  } else {
    std::copy_n(said_.body.data() + sent_, into.size(), into.data());
  }
  sent_ += into.size();
}

// --- heads ---

void take_field(h2_stream& into, std::string_view name, std::string_view value) {
  constexpr std::size_t overhead_bytes = 32;
  into.head_bytes += name.size() + value.size() + overhead_bytes;
  if (into.head_bytes > h2_wire::max_head_bytes) {
    into.refusal = 431;
  } else if (name == ":method") {
    into.what.method = value;
  } else if (name == ":path") {
    into.what.target = value;
  } else {
    into.what.headers.emplace_back(name, value);
  }
}

}  // namespace warmwire::emulator

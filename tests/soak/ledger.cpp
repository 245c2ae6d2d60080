#include "tests/soak/ledger.hpp"

#include "tests/soak/failures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

namespace warmwire::test {

std::string body_of(std::uint64_t id) {
  const auto word = "request " + std::to_string(id) + "; ";
  std::string body;
  for (std::uint64_t i = 0; i <= id % 97; ++i)
    body += word;
  return body;
}

std::uint64_t ledger::begin(std::string_view protocol) {
  entries_.push_back({.protocol = protocol});
  ++totals_.requests;
  return first_ + entries_.size() - 1;
}

void ledger::end(std::uint64_t id, const result<response>& how) {
  ASSERT_GE(id, first_) << "request " << id << " ended again after it was judged";
  entry& of = entries_.at(id - first_);
  ASSERT_EQ(++of.ends, 1U) << "request " << id << " ended more than once";
  of.ended_at = clock::now();
  if (how.has_error()) {
    ++totals_.errors[how.error().code];
    EXPECT_EQ(find_fault_with(how.error(), of.protocol), "") << "request " << id << ": " << how.error().to_string();
    return;
  }
  of.is_answered = true;
  of.replays = how->provenance.replays;
  of.replayed_because = how->provenance.replayed_because;
  ++totals_.answers;
  totals_.replayed_answers += of.replays > 0 ? 1U : 0U;
  check_answer(id, of, *how);
}

void ledger::check_answer(std::uint64_t id, const entry& of, const response& got) const {
  EXPECT_EQ(got.status, 200) << "request " << id;
  EXPECT_EQ(got.provenance.protocol, of.protocol) << "request " << id;
  EXPECT_EQ(got.body, body_of(id)) << "request " << id << " was given another's answer";
}

void ledger::count(const emulator::id_counts& seen) {
  for (const auto& [text, counted] : seen) {
    std::uint64_t id = 0;
    std::from_chars(text.data(), text.data() + text.size(), id);
    ASSERT_GE(id, first_) << "request " << id << " arrived long after it had ended";
    ASSERT_LT(id - first_, entries_.size()) << "nobody sent request " << id;
    entry& of = entries_[id - first_];
    of.arrived += counted.arrived;
    of.refused += counted.refused;
  }
}

void ledger::settle(clock::time_point until) {
  while (!entries_.empty() && entries_.front().ends > 0 && entries_.front().ended_at < until) {
    judge(first_, entries_.front());
    entries_.pop_front();
    ++first_;
  }
}

void ledger::judge_answered(const entry& of, const std::string& story) {
  const auto processed = of.arrived - of.refused;
  EXPECT_GE(processed, 1U) << story;
  if (of.replays == 0) {
    EXPECT_EQ(of.arrived, 1U) << story << ": sent again in silence";
  } else if (of.replays == 1 && of.replayed_because != replay_reason::stale_connection) {
    EXPECT_EQ(processed, 1U) << story << ": processed twice, though no connection was stale";
  }
}

void ledger::judge(std::uint64_t id, const entry& of) {
  const auto story = "request " + std::to_string(id) + " over " + std::string(of.protocol) + ", " +
                     (of.is_answered ? "answered" : "failed") + " after " + std::to_string(of.replays) + " replays";
  ASSERT_LE(of.refused, of.arrived) << story;
  const auto processed = of.arrived - of.refused;
  EXPECT_LE(processed, 2U) << story << ": sent again outside of the rules";
  EXPECT_LE(of.refused, 7U) << story << ": replayed more than six times after a refusal";
  if (of.is_answered) judge_answered(of, story);
  totals_.refused += of.refused;
  totals_.sent_again += std::max<std::uint64_t>(processed, 1) - 1;
}

}  // namespace warmwire::test

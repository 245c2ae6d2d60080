// Tool calls that come in pieces, in every way in which servers are known to cut and to number them.
#include "providers/call_pieces.hpp"

#include "tests/unit/providers/fixture.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::call_pieces_test {
namespace {

namespace json = boost::json;
using testing::config_at;
using testing::run_stream;
using testing::stream_outcome;

enum class numbering { each_its_own, as_text, all_zero, none, each_piece };
enum class identity { first_piece, every_piece, none, another_each_piece };
enum class naming { first_piece, every_piece, in_two, later };
enum class writing { whole, in_pieces, as_object, after_braces, said_again, nothing };
enum class grouping { one_after_the_other, side_by_side };
enum class ending_word { alone, with_first, with_last };

struct way {
  numbering index;
  identity id;
  naming name;
  writing arguments;
  grouping order;
  ending_word finish;

  [[nodiscard]] std::string describe() const {
    std::string out;
    for (const auto each : {static_cast<int>(index), static_cast<int>(id), static_cast<int>(name),
                            static_cast<int>(arguments), static_cast<int>(order), static_cast<int>(finish)})
      out += std::to_string(each) + ' ';
    return out;
  }
};

// What no client can tell, as each of two readings has servers that mean it.
bool is_ambiguous(const way& how) {
  const bool has_ids = how.id == identity::first_piece || how.id == identity::every_piece;
  const bool is_numbered = how.index == numbering::each_its_own || how.index == numbering::as_text;
  const bool is_beside = how.order == grouping::side_by_side;
  // Whole arguments end a call, and so a name behind them is another's.
  const bool begins_whole = how.arguments == writing::whole || how.arguments == writing::as_object ||
                            how.arguments == writing::after_braces || how.arguments == writing::said_again;
  if (how.name == naming::in_two && begins_whole && how.arguments != writing::said_again) return true;
  const bool is_said_twice = how.arguments == writing::after_braces || how.arguments == writing::said_again;
  if (how.name == naming::every_piece && is_said_twice && how.id != identity::every_piece) return true;
  // A name with another id is another call.
  if (how.id == identity::another_each_piece && how.name != naming::first_piece) return true;
  // So may be a piece with another number and another id.
  if (how.index == numbering::each_piece && how.id == identity::another_each_piece) return true;
  // A name with another number is another call.
  if (how.index == numbering::each_piece && (how.name == naming::every_piece || how.name == naming::in_two))
    return true;
  if (how.index == numbering::each_piece && how.name == naming::later && how.id != identity::every_piece) return true;
  if (how.index == numbering::each_piece && how.arguments == writing::said_again && how.id != identity::every_piece)
    return true;
  if (how.index == numbering::each_piece && is_beside && how.id != identity::every_piece) return true;
  // Pieces of two calls under one number.
  if (how.index == numbering::all_zero && is_beside && how.id != identity::every_piece) return true;
  if (how.index == numbering::none && is_beside && how.id != identity::every_piece && how.name != naming::first_piece &&
      how.name != naming::every_piece)
    return true;
  // An id alone, behind a call that is whole, may be that call's new one.
  if (!is_numbered && how.name == naming::later && how.arguments == writing::in_pieces &&
      how.id == identity::first_piece)
    return true;
  // Calls of nothing have no end that could be seen.
  if (how.arguments == writing::nothing && !is_numbered && (!has_ids || how.name == naming::later)) return true;
  return false;
}

struct call_to_write {
  std::string id;
  std::array<std::string, 2> name;
  std::array<std::string, 3> arguments;

  [[nodiscard]] std::string whole_arguments() const { return arguments[0] + arguments[1] + arguments[2]; }
};

const std::array<call_to_write, 2>& calls() {
  static const std::array<call_to_write, 2> all{{{"call_a", {"get_", "weather"}, {R"({"ci)", R"(ty":)", R"("Oslo"})"}},
                                                 {"call_b", {"get_", "time"}, {R"({"ci)", R"(ty":)", R"("Rome"})"}}}};
  return all;
}

std::vector<std::string> arguments_of(const call_to_write& call, writing how) {
  switch (how) {
    case writing::whole:
      return {call.whole_arguments()};
    case writing::as_object:
      return {"!" + call.whole_arguments()};
    case writing::after_braces:
      return {"{}", call.arguments[0], call.arguments[1], call.arguments[2]};
    case writing::said_again:
      return {call.arguments[0], call.arguments[1], call.arguments[2], call.whole_arguments()};
    case writing::in_pieces:
      return {"", call.arguments[0], call.arguments[1], call.arguments[2]};
    case writing::nothing:
      return {""};
  }
  return {};
}

std::string name_of(const call_to_write& call, naming how, std::size_t piece) {
  const auto whole = call.name[0] + call.name[1];
  switch (how) {
    case naming::first_piece:
      return piece == 0 ? whole : "";
    case naming::every_piece:
      return whole;
    case naming::in_two:
      return piece < 2 ? call.name[piece] : "";
    case naming::later:
      return piece == 1 ? whole : "";
  }
  return {};
}

// As pieces of `tool_calls`; the number of each piece among all is not known yet.
std::vector<json::object> pieces_of(std::size_t which, const way& how) {
  const auto& call = calls().at(which);
  auto arguments = arguments_of(call, how.arguments);
  const std::size_t least = how.name == naming::in_two || how.name == naming::later ? 2 : 1;
  arguments.resize(std::max(arguments.size(), least));
  std::vector<json::object> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    json::object function;
    if (const auto name = name_of(call, how.name, i); !name.empty()) function["name"] = name;
    if (arguments[i].starts_with('!')) {
      function["arguments"] = testing::parsed(arguments[i].substr(1));
    } else {
      function["arguments"] = arguments[i];
    }
    json::object piece{{"type", "function"}, {"function", function}};
    if (how.index == numbering::each_its_own) piece["index"] = which;
    if (how.index == numbering::as_text) piece["index"] = std::to_string(which);
    if (how.index == numbering::all_zero) piece["index"] = 0;
    if (how.id == identity::every_piece || (how.id == identity::first_piece && i == 0)) piece["id"] = call.id;
    if (how.id == identity::first_piece && i > 0) piece["id"] = "";
    if (how.id == identity::none) piece["id"] = nullptr;
    if (how.id == identity::another_each_piece) piece["id"] = call.id + std::to_string(i);
    out.push_back(std::move(piece));
  }
  return out;
}

std::vector<json::array> deltas_of(const way& how) {
  const auto first = pieces_of(0, how);
  const auto second = pieces_of(1, how);
  std::vector<json::array> out;
  if (how.order == grouping::one_after_the_other) {
    for (const auto* each : {&first, &second}) {
      for (const auto& piece : *each)
        out.push_back({piece});
    }
  } else {
    for (std::size_t i = 0; i < first.size(); ++i)
      out.push_back({first[i], second[i]});
  }
  std::size_t number = 0;
  for (auto& delta : out) {
    for (auto& piece : delta) {
      if (how.index == numbering::each_piece) piece.get_object()["index"] = number++;
    }
  }
  return out;
}

std::string stream_of(const way& how) {
  std::string out;
  const auto add = [&](json::object delta, const json::value& word) {
    const json::object choice{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", word}};
    out += "data: " + json::serialize(json::object{{"id", "c1"}, {"choices", json::array{choice}}}) + "\n\n";
  };
  const auto deltas = deltas_of(how);
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const bool has_word = (how.finish == ending_word::with_first && i == 0) ||
                          (how.finish == ending_word::with_last && i + 1 == deltas.size());
    add({{"tool_calls", deltas[i]}}, has_word ? json::value("tool_calls") : json::value(nullptr));
  }
  if (how.finish == ending_word::alone) add({}, "tool_calls");
  return out + "data: [DONE]\n\n";
}

std::vector<way> all_ways() {
  std::vector<way> out;
  for (const auto index :
       {numbering::each_its_own, numbering::as_text, numbering::all_zero, numbering::none, numbering::each_piece})
    for (const auto id : {identity::first_piece, identity::every_piece, identity::none, identity::another_each_piece})
      for (const auto name : {naming::first_piece, naming::every_piece, naming::in_two, naming::later})
        for (const auto arguments : {writing::whole, writing::in_pieces, writing::as_object, writing::after_braces,
                                     writing::said_again, writing::nothing})
          for (const auto order : {grouping::one_after_the_other, grouping::side_by_side})
            for (const auto finish : {ending_word::alone, ending_word::with_first, ending_word::with_last})
              out.push_back({index, id, name, arguments, order, finish});
  return out;
}

// What the events say, each call by its number.
std::map<std::string, std::string> told_arguments(const stream_outcome& out) {
  std::map<std::string, std::string> told;
  for (const auto& each : out.events) {
    constexpr std::string_view begin = "arguments ";
    if (each.starts_with(begin)) told[each.substr(begin.size(), 1)] += each.substr(begin.size() + 2);
  }
  return told;
}

TEST(call_pieces, make_the_two_calls_that_they_are_however_they_are_cut_and_numbered) {
  int tried = 0;
  for (const auto& how : all_ways()) {
    if (is_ambiguous(how)) continue;
    ++tried;
    SCOPED_TRACE(how.describe() + '\n' + stream_of(how));
    const auto out = run_stream(config_at("lab", "https://lab.test/v1"), stream_of(how));
    ASSERT_TRUE(out.is_finished);
    ASSERT_EQ(out.reply.tool_calls.size(), 2U);
    EXPECT_EQ(out.reply.finish, finish_reason::tool_calls);
    auto told = told_arguments(out);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& call = out.reply.tool_calls[i];
      const auto expected = how.arguments == writing::nothing ? "{}" : calls()[i].whole_arguments();
      EXPECT_EQ(call.name, calls()[i].name[0] + calls()[i].name[1]);
      EXPECT_EQ(call.arguments, expected);
      const bool has_id = how.id == identity::first_piece || how.id == identity::every_piece;
      EXPECT_TRUE(!has_id || call.id == calls()[i].id) << call.id;
      EXPECT_FALSE(call.id.empty());
      EXPECT_EQ(told[std::to_string(i)], how.arguments == writing::nothing ? "" : expected);
      // Arguments, or a piece of another call, end a name that had not come to its end.
      const bool is_torn =
          how.name == naming::in_two && (how.order == grouping::side_by_side || how.arguments == writing::said_again);
      const auto start = "call " + std::to_string(i) + ' ' + call.id + ' ' + (is_torn ? "get_" : call.name);
      EXPECT_THAT(out.events, ::testing::Contains(::testing::StartsWith(start)));
      EXPECT_THAT(out.events, ::testing::Contains("call ended " + std::to_string(i) + ' ' + expected));
    }
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(tried, 1000);
}

}  // namespace
}  // namespace warmwire::providers::call_pieces_test

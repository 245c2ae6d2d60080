// The items of an answer of OpenAI's Responses: what was delivered of each, so that what comes without deltas, or is
// said again at the end, is delivered once. Pure.
#pragma once

#include "providers/reply_builder.hpp"
#include "providers/told_text.hpp"

#include <boost/json/fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers {

class responses_items {
 public:
  /// Far more than an answer has.
  static constexpr std::size_t max_items = 4096;

  enum class channel : std::uint8_t { text, refusal, summary, thought };

  struct place {
    std::int64_t item = 0;  ///< among the answer's
    std::int64_t part = 0;  ///< among the item's
  };

  /// Where an event says that its item is: by its number, else by the item's id, else it is the last. A new item
  /// without a number follows the last.
  [[nodiscard]] std::int64_t place_of(const boost::json::object& event, std::string_view id) const;
  [[nodiscard]] std::int64_t place_of_new(const boost::json::object& event, const boost::json::object& item);

  void start_item(std::int64_t index, const boost::json::object& item, reply_builder& to);
  /// All that is said of an item, at its end.
  void finish_item(std::int64_t index, const boost::json::object& item, reply_builder& to);
  /// All that is said of the answer, at its end.
  void finish(const boost::json::array& items, reply_builder& to);
  /// An answer that came whole.
  void take_whole(const boost::json::array& items, reply_builder& to);

  void add(channel on, place at, std::string_view delta, reply_builder& to);
  void finish_part(channel on, place at, std::string_view whole, reply_builder& to);
  void add_arguments(std::int64_t index, std::string_view delta, reply_builder& to);
  void finish_arguments(std::int64_t index, std::string_view whole, reply_builder& to);

  /// Whether any text of the answer came.
  [[nodiscard]] bool has_text() const noexcept { return !told_[0].is_empty(); }
  /// More items than can be; those were not taken.
  [[nodiscard]] bool is_over_limit() const noexcept { return is_over_limit_; }

 private:
  static constexpr std::size_t channels = 4;

  struct told_parts {
    told_text all;
    std::int64_t part = -1;  // the last one
    told_text of_part;
  };

  struct item_state {
    std::array<told_parts, channels> told;
    std::optional<std::size_t> call;  // in `calls_`
    std::optional<std::size_t> part;  // the builder's, of its text or of what was thought, or its place
    bool is_hidden = false;           // what is encrypted of it is in that part
    bool is_kept = false;             // what goes back of it is known
  };

  struct call_state {
    std::string id;
    told_text arguments;
  };

  item_state* item_at(std::int64_t index);
  void deliver(item_state& item, channel on, std::int64_t part, std::string_view text, reply_builder& to);
  void finish_channel(item_state& item, channel on, std::vector<std::string_view> parts, reply_builder& to);
  void finish_channel(channel on, const boost::json::array& items, reply_builder& to);
  std::size_t start_call(const boost::json::object& item, reply_builder& to);
  void finish_call(item_state& in, const boost::json::object& item, reply_builder& to);
  [[nodiscard]] std::optional<std::size_t> known_call(const item_state& in, const boost::json::object& item) const;
  void finish_arguments_of(std::size_t call, std::string_view whole, reply_builder& to);
  void keep(item_state& of, const boost::json::object& item, reply_builder& to);
  void keep_rest(const boost::json::array& items, reply_builder& to);

  std::map<std::int64_t, item_state> items_;
  std::map<std::string, std::int64_t, std::less<>> places_;  // by the item's id
  std::int64_t last_ = 0;
  std::array<told_text, channels> told_;  // of all items
  std::vector<call_state> calls_;         // as the builder counts them
  bool has_told_ = false;                 // any text or call
  bool is_over_limit_ = false;
};

}  // namespace warmwire::providers

// The connections of one origin's pool: their records, filed by what can be done with them. Owned by an `origin_pool`;
// knows no rule.
#pragma once

#include "pool/slot_list.hpp"
#include "pool/time_heap.hpp"
#include "pool/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace warmwire::pool {

enum class connection_state : std::uint8_t {
  gone,        ///< the slot is free
  connecting,  ///< its dial is under way
  idle,        ///< no stream, in order of becoming idle
  barred,      ///< no stream, and none may begin now: the peer's limit is zero; in order of becoming so
  ready,       ///< some streams, and room for more below the target
  loaded,      ///< as many streams as the target or more, and room for more
  busy,        ///< as many streams as it may have
  draining,    ///< some streams, and never more
};

/// Open, and without a stream.
[[nodiscard]] constexpr bool is_unused(connection_state state) noexcept {
  return state == connection_state::idle || state == connection_state::barred;
}

/// Open, and not draining.
[[nodiscard]] constexpr bool is_usable(connection_state state) noexcept {
  return state >= connection_state::idle && state <= connection_state::busy;
}

inline constexpr std::size_t connection_state_count = static_cast<std::size_t>(connection_state::draining) + 1;
/// Far above any real number of streams, and small enough that sums of it never overflow.
inline constexpr std::size_t most_streams = std::numeric_limits<std::int32_t>::max();
inline constexpr std::uint64_t unlimited_uses = std::numeric_limits<std::uint64_t>::max();

struct connection_record {
  // What every stream touches
  list_hook by_state;
  list_hook by_age;
  std::uint32_t generation = 0;
  connection_state state = connection_state::gone;
  bool has_age = false;         ///< on the list of connections with streams
  bool is_suspect = false;      ///< not heard from since a sibling that was heard from later was found dead
  bool is_provisional = false;  ///< its SETTINGS have not come yet
  bool is_multiplexed = false;  ///< HTTP/2
  close_reason drain_reason{};  ///< while draining
  std::uint32_t streams = 0;
  std::uint32_t peer_limit = 0;  ///< of streams, by the peer
  time_point since{};            ///< idle: when it became so; with streams: when the first of them began
  std::uint64_t served = 0;
  std::uint64_t uses_left = unlimited_uses;  ///< by the server's `max=`

  // What some do
  duration idle_for{};     ///< before the stream that took it last
  duration idle_before{};  ///< before the first of its streams
  time_point last_heard{};
  std::optional<duration> reuse_within{};  ///< by the server's `timeout=`, safety margin taken off
  heap_position hint_position = not_in_heap;
  std::uint32_t refusals = 0;  ///< streams that the peer refused

  // Of its life
  time_point opened{};
  double lifetime_spread = 0;  ///< from -1 to 1
  heap_position lifetime_position = not_in_heap;
  heap_position rest_position = not_in_heap;

  // Of its dial
  bool is_unasked = false;        ///< no waiter called for it, and it is kept without one
  std::uint32_t meant_for = 0;    ///< how many waiters the dial was to serve
  std::uint64_t last_ticket = 0;  ///< the newest waiter at the dial's beginning
  std::uint64_t round = 0;        ///< the back-off's at the dial's beginning
};

/// Slots with generations: the id of a connection that is gone is never taken for that of a later one.
class connection_table {
 public:
  /// Keeps `connecting`, `idle` and `active` of `counts` up to date.
  explicit connection_table(pool_counts& counts)
      : counts_(counts),
        hints_(position_of_hint{&records_}),
        lifetimes_(position_of_lifetime{&records_}),
        rests_(position_of_rest{&records_}) {}
  connection_table(const connection_table&) = delete;
  connection_table& operator=(const connection_table&) = delete;

  /// A new record, connecting.
  slot insert();
  void erase(slot at);
  /// `no_slot` for a connection that is gone.
  [[nodiscard]] slot find(connection_id id) const noexcept;
  [[nodiscard]] connection_id id_of(slot at) const noexcept;

  [[nodiscard]] connection_record& operator[](slot at) noexcept { return records_[at]; }
  [[nodiscard]] const connection_record& operator[](slot at) const noexcept { return records_[at]; }

  /// Files the connection at the end of the list of `state`.
  void place(slot at, connection_state state);
  /// Puts it behind the others of its state.
  void rotate(slot at);
  /// Files it as the youngest of those with streams.
  void make_youngest(slot at);
  /// An idle connection must not be reused at or after `due`.
  void expire_by_hint(slot at, time_point due) { hints_.add(at, due); }
  /// The connection is too old at `due`; `time_point::max()`: never.
  void expire_by_age(slot at, time_point due);
  /// The connection takes no request until `due`, unless that is said to be over before; `time_point::max()`: it is.
  void rest_until(slot at, time_point due);
  /// The machine slept: what holds for connections without a stream, and every age, is due earlier by that.
  void advance(duration asleep);

  [[nodiscard]] bool empty(connection_state state) const noexcept { return list(state).empty(); }
  [[nodiscard]] std::size_t size(connection_state state) const noexcept { return list(state).size(); }
  [[nodiscard]] slot front(connection_state state) const noexcept { return list(state).front(); }
  [[nodiscard]] slot back(connection_state state) const noexcept { return list(state).back(); }
  [[nodiscard]] slot next(slot at) const noexcept { return state_list::next(records_, at); }
  [[nodiscard]] slot previous(slot at) const noexcept { return state_list::previous(records_, at); }
  [[nodiscard]] slot oldest_with_streams() const noexcept { return ages_.front(); }
  [[nodiscard]] slot next_by_age(slot at) const noexcept { return age_list::next(records_, at); }
  /// Whose slots are below that.
  [[nodiscard]] slot slots() const noexcept { return static_cast<slot>(records_.size()); }
  [[nodiscard]] std::size_t total() const noexcept { return counts_.connecting + counts_.idle + counts_.active; }

  /// The idle connection that a hint ends first, `no_slot` when no hint holds.
  [[nodiscard]] slot first_by_hint() const noexcept { return hints_.empty() ? no_slot : hints_.top().entry; }
  /// When a hint ends this connection; `time_point::max()` when none does.
  [[nodiscard]] time_point hint_due(slot at) const {
    return records_[at].hint_position == not_in_heap ? time_point::max() : hints_.due(at);
  }
  /// The connection that is too old first, `no_slot` when none ever is. Draining ones are not among them.
  [[nodiscard]] slot first_by_age() const noexcept { return lifetimes_.empty() ? no_slot : lifetimes_.top().entry; }
  [[nodiscard]] time_point age_due(slot at) const {
    return records_[at].lifetime_position == not_in_heap ? time_point::max() : lifetimes_.due(at);
  }
  /// The connection that rests for the shortest time from now, `no_slot` when none rests. Draining ones do not.
  [[nodiscard]] slot first_to_rest() const noexcept { return rests_.empty() ? no_slot : rests_.top().entry; }
  [[nodiscard]] bool is_resting(slot at) const noexcept { return records_[at].rest_position != not_in_heap; }
  [[nodiscard]] time_point rest_due(slot at) const { return rests_.due(at); }

 private:
  struct position_of_hint {
    std::vector<connection_record>* records;
    heap_position& operator()(slot at) const { return (*records)[at].hint_position; }
  };
  struct position_of_lifetime {
    std::vector<connection_record>* records;
    heap_position& operator()(slot at) const { return (*records)[at].lifetime_position; }
  };
  struct position_of_rest {
    std::vector<connection_record>* records;
    heap_position& operator()(slot at) const { return (*records)[at].rest_position; }
  };
  using state_list = slot_list<connection_record, &connection_record::by_state>;
  using age_list = slot_list<connection_record, &connection_record::by_age>;

  [[nodiscard]] const state_list& list(connection_state state) const noexcept {
    return lists_[static_cast<std::size_t>(state)];
  }
  [[nodiscard]] std::size_t& gauge(connection_state state) noexcept;
  void leave(slot at);

  pool_counts& counts_;
  std::vector<connection_record> records_;
  std::array<state_list, connection_state_count> lists_{};  ///< that of `gone` holds the free slots
  age_list ages_;                                           ///< those with streams, the oldest first
  time_heap<slot, position_of_hint> hints_;                 ///< those without a stream that have a `timeout=` hint
  time_heap<slot, position_of_lifetime> lifetimes_;         ///< open ones that are not draining
  time_heap<slot, position_of_rest> rests_;                 ///< those that rest
};

}  // namespace warmwire::pool

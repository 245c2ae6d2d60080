// One request on an HTTP/2 connection and how far its answer has come. Pure, the time is an argument; owned by the
// session.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/behaviour.hpp"
#include "emulator/h2_agenda.hpp"
#include "emulator/h2_wire.hpp"
#include "emulator/request.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace warmwire::emulator {

/// The body of an answer, given out piece by piece.
class h2_body {
 public:
  struct shape {
    bool may_have_body = true;                 ///< false for HEAD and the like
    bool has_sequel = false;                   ///< an end is wanted even if there is nothing before it
    std::optional<std::uint64_t> cut_after{};  ///< stops there, without its end
    std::uint64_t empty_pieces = 0;            ///< first
  };

  h2_body() = default;
  h2_body(answer said, const shape& wanted);

  /// The response has something behind its head.
  [[nodiscard]] bool is_sent() const { return is_sent_; }
  /// It is sent at a pace: `take` looks at the time.
  [[nodiscard]] bool has_pauses() const { return has_pauses_; }
  /// Puts the next bytes into `into`.
  h2_body_step take(std::span<char> into, steady_time now);
  /// Everything up to the cut was given out.
  [[nodiscard]] bool is_cut() const { return is_cut_ && sent_ == end_; }
  /// When there is more, after `take` said to wait; `never` at the cut.
  [[nodiscard]] steady_time next_piece() const { return is_cut() ? never : due_; }
  [[nodiscard]] const answer& said() const { return said_; }
  [[nodiscard]] std::uint64_t whole_bytes() const;
  /// What `take` gave out last is to be sent before anything else, in a TLS record of its own.
  [[nodiscard]] bool wants_flush() const { return said_.has_own_records && sent_ > 0; }

 private:
  [[nodiscard]] std::uint64_t bytes_until_pause(steady_time now);
  void finish_piece(steady_time now);
  void pass_sent_pieces();
  void copy(std::span<char> into);

  answer said_;
  bool is_sent_ = false;
  bool is_cut_ = false;
  bool has_pauses_ = false;
  std::uint64_t end_ = 0;  ///< how far into the body we go
  std::uint64_t sent_ = 0;
  std::uint64_t empty_pieces_ = 0;
  std::size_t piece_left_ = 0;  ///< of a paced body
  std::size_t piece_ = 0;       ///< of the answer's pieces
  steady_time due_{};
};

struct h2_stream {
  std::int32_t id = 0;
  request what{};
  std::size_t head_bytes = 0;  ///< as HTTP/2 counts them (RFC 9113 §6.5.2)
  std::uint64_t number = 0;
  behaviour asked{};
  h2_body body{};

  bool has_head = false;     ///< of the request
  bool is_complete = false;  ///< the request
  bool is_recorded = false;
  bool is_counted_unprocessed = false;
  bool is_answered = false;           ///< or its answer is being prepared
  bool is_cut = false;                ///< the answer, as the script wants it
  std::optional<unsigned> refusal{};  ///< the request is against the rules: this status

  h2_agenda::ticket next_step{};
  h2_agenda::ticket credit_due{};
  std::size_t owed_bytes = 0;  ///< of the windows
};

/// Takes a field of the request's head; notes a head that is too large.
void take_field(h2_stream& into, std::string_view name, std::string_view value);

}  // namespace warmwire::emulator

// The requests on an HTTP/2 connection: takes them in, asks the script what to do, and answers each when it is ready.
// No I/O, the time is an argument or read once per event; owned by the session, on the server's executor.
#pragma once

#include "emulator/connection.hpp"
#include "emulator/h2_agenda.hpp"
#include "emulator/h2_stream.hpp"
#include "emulator/h2_wire.hpp"
#include "emulator/idle_plan.hpp"
#include "emulator/scripted_answer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace warmwire::emulator {

class h2_exchanges final : private h2_events {
 public:
  explicit h2_exchanges(connection& served);

  /// False when the client broke the protocol.
  bool receive(std::string_view bytes) { return wire_.receive(bytes) && !wire_.is_terminated(); }
  /// Does what is due by `now`.
  void run_due(steady_time now);
  /// When something is due next; `never` if nothing is.
  [[nodiscard]] steady_time deadline() const;
  /// Appends frames to send, up to about `limit` bytes.
  void collect(std::string& out, std::size_t limit);

  /// A fault wants the connection to end, when what was collected is sent; it stays the only one.
  [[nodiscard]] const std::optional<fault::end>& end() const { return end_; }
  /// No frame may follow what was collected.
  [[nodiscard]] bool is_cut_off() const { return is_cut_off_; }
  /// A GOAWAY was sent and all is answered: why it was sent; the connection is to be closed in order.
  [[nodiscard]] std::optional<std::string> drained_by() const;
  /// Before closing: says which streams were the last, if the GOAWAY said more.
  void finish();
  [[nodiscard]] const h2_wire& wire() const { return wire_; }

 private:
  static constexpr std::size_t max_buffered_bytes = 256U << 20U;  ///< of all requests' bodies

  void on_field(std::int32_t stream, std::string_view name, std::string_view value) override;
  void on_head(std::int32_t stream) override;
  void on_body(std::int32_t stream, std::string_view bytes) override;
  void on_end(std::int32_t stream) override;
  void on_closed(std::int32_t stream) override;
  void on_reset(std::int32_t stream, std::uint32_t code) override;
  void on_ping(const std::uint8_t* payload) override;
  void on_goaway(std::uint32_t code) override;
  void on_refused(std::int32_t stream) override;
  h2_body_step on_body_wanted(std::int32_t stream, std::span<char> into) override;

  [[nodiscard]] h2_stream* find(std::int32_t stream);
  [[nodiscard]] scripted_request served(const h2_stream& of) const { return {of.what, of.number, of.asked}; }
  void keep_body(h2_stream& of, std::string_view bytes);
  void credit(h2_stream& of, std::size_t bytes);
  void pay_debt(h2_stream& of);
  void record(h2_stream& seen, bool is_complete);
  void commit_head_faults(h2_stream& of);
  void prepare(h2_stream& of);
  void prepare_refusal(h2_stream& of);
  void respond(h2_stream& of);
  void respond_raw(h2_stream& of);
  void on_cut(h2_stream& of);
  void on_response_end(h2_stream& of);
  void run_idle(steady_time now);
  void say_goaway(const fault::goaway& asked, std::uint32_t own_id, std::string reason);
  void drop(h2_stream& dropped);
  void count_unprocessed(h2_stream& of);
  void erase(std::int32_t stream);

  connection& connection_;
  session_surroundings& shared_;
  h2_wire wire_;
  h2_agenda agenda_;
  idle_plan idle_;
  std::unordered_map<std::int32_t, std::unique_ptr<h2_stream>> streams_;  ///< that are to be answered

  std::uint64_t requests_ = 0;
  std::uint32_t highest_ = 0;           ///< stream whose request was taken
  std::uint32_t last_ = max_stream_id;  ///< stream that is answered, by our GOAWAY
  std::optional<std::string> draining_by_;
  std::size_t buffered_bytes_ = 0;
  bool has_no_pong_ = false;
  bool wants_flush_ = false;  ///< the frame collected last is to be sent by itself
  std::optional<fault::end> end_;
  bool is_cut_off_ = false;
};

}  // namespace warmwire::emulator

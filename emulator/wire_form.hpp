// An answer as bytes on the wire, made piece by piece so that a large body needs little memory. Pure; owned by a
// session.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/script.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::emulator {

/// What surrounds an answer: the request it is for and the connection it goes to.
struct wire_options {
  std::string_view method = "GET";
  unsigned minor_version = 1;  ///< of the request
  bool is_last = false;        ///< the server closes the connection afterwards
  std::optional<std::chrono::seconds> keep_alive{};
  std::string_view date{};
  bool is_http_1_0 = false;
  std::optional<fault::malformation> malformation{};
  std::optional<std::uint64_t> cut_after{};  ///< stop after so many bytes of the body, without its end
};

class wire_form {
 public:
  static constexpr std::size_t piece_bytes = 64 * 1024;

  wire_form(answer said, const wire_options& how);

  /// Appends the next piece, head and first bytes of the body together; false when there was nothing left.
  bool next(std::string& out);

  /// How long to wait before the next piece.
  [[nodiscard]] std::chrono::microseconds pause() const;
  /// The last piece was made.
  [[nodiscard]] bool is_done() const { return is_done_; }
  /// The connection must be closed afterwards: it was announced, or is the end of the body.
  [[nodiscard]] bool closes() const { return closes_; }

 private:
  void choose_framing(const wire_options& how);
  void append_head(std::string& out);
  void append_framing(std::string& out) const;
  void append_connection(std::string& out) const;
  void append_chunk(std::string& out, std::uint64_t size);
  void append_piece(std::string& out);
  void append_body(std::string& out, std::uint64_t bytes);
  [[nodiscard]] bool is(fault::malformation kind) const { return how_.malformation == kind; }

  answer said_;
  wire_options how_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t end_ = 0;  ///< how far into the body we go
  std::uint64_t sent_ = 0;
  std::size_t piece_ = 0;  ///< of the answer's pieces, the next
  bool has_body_ = true;
  bool closes_ = false;
  bool is_head_sent_ = false;
  bool is_done_ = false;
};

}  // namespace warmwire::emulator

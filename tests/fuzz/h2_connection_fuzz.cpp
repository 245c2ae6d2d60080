// A live HTTP/2 connection, whose peer and whose users follow a script. Exchanges end with their connection, the owner
// hears what is new once, nothing of the connection is left behind, and what comes of it all does not depend on how the
// peer's frames were cut into pieces.
#include "connection/h2_connection.hpp"
#include "http/url.hpp"
#include "tests/fuzz/h2_script.hpp"
#include "tests/fuzz/live_peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace warmwire;
using connection::h2_connection;
using fuzz::finale;
using fuzz::require;

enum class cut : std::uint8_t { by_frames, at_random };

/// Time passes when the script says so.
class scripted_time final : public connection::timekeeper {
 public:
  void remind(pool::deadline& what, pool::time_point when) override {
    what_ = &what;
    when_ = when;
  }
  void forget(pool::deadline&) override { what_ = nullptr; }
  void pass() {
    if (auto* const due = std::exchange(what_, nullptr)) due->expired(when_);
  }
  [[nodiscard]] bool is_asked() const noexcept { return what_ != nullptr; }

 private:
  pool::deadline* what_ = nullptr;
  pool::time_point when_{};
};

/// One exchange and its user, who ends it when it is over.
struct exchange {
  exchange(std::string_view method_, std::size_t body_bytes)
      : method(method_), upload(body_bytes, 'b'), bytes("", upload) {}

  std::string method;
  std::string upload;
  connection::outgoing bytes;
  std::shared_ptr<connection::http_stream> stream;
  std::string body;
  std::optional<result<void>> ended;
  close_reason why = close_reason::cancelled;  // it is given up
  std::string outcome;                         ///< once its user has ended it
};

class live_dialogue {
 public:
  live_dialogue(boost::asio::io_context& io, cut how, std::string_view seed) : io_(io), how_(how), random_(seed) {
    connection::h2_setup setup;
    setup.buffer = std::make_shared<connection::read_buffer>(1 + random_.below(20'000));
    setup.time = time_;
    if (random_.below(2) == 0) setup.liveness.ping_after = {};
    connection_ = std::make_shared<h2_connection>(net::stream(peer_.connect(io)), connection::birth{}, nullptr, setup);
    connection_->belong_to(owner_, pool::connection_id{1});
    connection_->start();
  }

  // What a script is made of

  void open(std::string_view method, std::size_t body_bytes) {
    if (exchanges_.size() >= max_exchanges) return;
    auto& made = *exchanges_.emplace_back(std::make_unique<exchange>(method, body_bytes));
    made.stream = connection_->open_stream();
    made.stream->begin({.method = made.method,
                        .url = url_,
                        .fields = fields_,
                        .framing = body_bytes > 0 ? http::framing::length : http::framing::none,
                        .body_length = body_bytes,
                        .user_agent = "fuzz"},
                       made.bytes);
    const auto how = exchanges_.size() % 2 == 0 ? fuzz::reading::at_once : fuzz::reading::by_and_by;
    boost::asio::co_spawn(io_, fuzz::read_response(made.stream, how, made.body),
                          [&made](const std::exception_ptr& thrown, result<void> got) {
                            require(!thrown, "nothing is thrown");
                            made.ended = std::move(got);
                          });
  }
  void reset(std::size_t which) {
    if (which < exchanges_.size() && exchanges_[which]->stream) exchanges_[which]->stream->interrupt();
  }
  /// A time-out, or what its user takes for a dead path.
  void take_body(std::size_t which, std::size_t how) {
    if (which >= exchanges_.size() || !exchanges_[which]->stream) return;
    exchanges_[which]->why = how % 2 == 0 ? close_reason::timeout : close_reason::dead_path;
    exchanges_[which]->stream->interrupt();
  }
  void ping() {
    connection_->check_out();
    (void)connection_->probe();
  }
  void wait(std::chrono::seconds) { time_->pass(); }
  void say(std::string_view bytes) {
    if (how_ == cut::by_frames) return say_at_once(bytes);
    for (const auto piece : fuzz::random_pieces(bytes, random_))
      say_at_once(piece);
  }
  void say_at_once(std::string_view bytes) {
    require(connection_->is_over() || peer_.send(bytes), "a connection reads until it is over");
    poll();
  }
  /// Lets everyone do what there is to do, and ends what is over.
  void write_out() {
    for (std::string got = "some"; !got.empty(); has_seen_flood_ |= says_calm_down(got)) {
      poll();
      got = peer_.read();
    }
    for (auto& each : exchanges_)
      if (each->ended && each->stream) end(*each);
    poll();
  }

  // The end

  /// All that can be seen.
  std::string finish(finale how) {
    peer_.finish(how);
    poll();
    write_out();
    const bool is_over = connection_->is_over();
    require(is_over || how == finale::silence, "a connection ends with its peer");
    require(!is_over || !time_->is_asked(), "nothing is due after the end");
    for (auto& each : exchanges_) {
      require(each->ended || !is_over, "an exchange ends with its connection");
      if (each->stream) each->stream->interrupt();
    }
    write_out();
    std::string seen = close();
    for (auto& each : exchanges_) {
      require(!each->stream, "an exchange ends when it is interrupted");
      seen.append("\n").append(each->outcome);
    }
    return seen;
  }

  /// How many frames of a kind are too many is a matter of time.
  [[nodiscard]] bool has_seen_flood() const noexcept { return has_seen_flood_; }

 private:
  static constexpr std::size_t max_exchanges = 50;

  /// A GOAWAY for ENHANCE_YOUR_CALM (RFC 9113 §6.8, §7).
  static bool says_calm_down(std::string_view frames) {
    constexpr std::string_view head("\7\0\0\0\0\0", 6);
    constexpr std::string_view code("\0\0\0\v", 4);
    for (auto at = frames.find(head); at != std::string_view::npos; at = frames.find(head, at + 1))
      if (frames.substr(at + head.size()).substr(0, 8).ends_with(code)) return true;
    return false;
  }

  void poll() {
    io_.restart();
    io_.poll();
  }

  void end(exchange& over) {
    auto& stream = *over.stream;
    std::string& seen = over.outcome;
    if (*over.ended) {
      require(stream.is_done() && stream.status() >= 200, "a whole response has come");
      require(!stream.is_unprocessed() && !stream.was_refused(), "who answers has processed the request");
      require(stream.body_bytes() == over.body.size(), "body_bytes() counts what came");
      seen.append(std::to_string(stream.status())).append(" ").append(over.body);
      for (const auto& [name, value] : stream.headers())
        seen.append(" ").append(name).append("=").append(value);
    } else {
      const auto& why = over.ended->error();
      require(fuzz::is_one_line(why.message), "a message has no control characters");
      require(!stream.is_unprocessed() || !stream.is_head_done(), "who answers has processed the request");
      seen.append(why.to_string()).append(stream.is_unprocessed() ? " unprocessed" : "");
    }
    const bool is_success = over.ended->has_value();
    const auto how = stream.end(is_success ? std::nullopt : std::optional(over.why));
    require(!how.is_held || !connection_->is_over(), "a dead connection holds no place");
    owner_->held += how.is_held ? 1 : 0;
    over.stream.reset();
  }

  std::string close() {
    const auto probed = connection_->probe();
    require(!owner_->ended || probed, "an end that was told is found, too");
    std::string seen = probed ? "unfit" : "fit";
    if (owner_->ended) seen.append(" ended ").append(std::to_string(static_cast<int>(*owner_->ended)));
    if (owner_->limit) seen.append(" limit ").append(std::to_string(*owner_->limit));
    if (owner_->is_draining) seen.append(" drains");
    connection_->close(random_.below(2) == 0 ? net::farewell::announce : net::farewell::silent);
    require(!time_->is_asked(), "nothing is due after the end");
    const std::weak_ptr<h2_connection> watched = connection_;
    connection_.reset();
    poll();
    require(watched.expired(), "a closed connection is gone");
    return seen;
  }

  boost::asio::io_context& io_;
  const cut how_;
  fuzz::dice random_;
  const http::url url_ = *http::parse_url("http://a/");
  const headers fields_{};
  fuzz::live_peer peer_;
  std::shared_ptr<scripted_time> time_ = std::make_shared<scripted_time>();
  std::shared_ptr<fuzz::listening_owner> owner_ = std::make_shared<fuzz::listening_owner>();
  std::shared_ptr<h2_connection> connection_;
  std::vector<std::unique_ptr<exchange>> exchanges_;
  bool has_seen_flood_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static boost::asio::io_context io(1);
  const auto script = fuzz::as_text(data, size);
  std::string first;
  bool is_flood = false;
  for (const auto how : {cut::by_frames, cut::at_random}) {
    live_dialogue dialogue(io, how, script);
    fuzz::follow(dialogue, script);
    fuzz::dice random(script);
    const auto seen = dialogue.finish(static_cast<finale>(random.below(3)));
    is_flood |= dialogue.has_seen_flood();
    if (first.empty()) first = seen;
    if (!is_flood) fuzz::require_equal(first, seen, "the result does not depend on how the frames were cut");
  }
  return 0;
}

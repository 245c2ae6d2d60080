// Behaviour between two slices of the event loop, where no handler runs: all that a program may call there, at random,
// on one thread, as games, GUIs and drains do.
#include "../client/streaming.hpp"
#include "tests/random_faults.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace warmwire::test::between_slices_test {
namespace {

constexpr int frames = 400;
constexpr std::size_t most_under_way = 60;

/// One loop, a transport on it that may be replaced, and calls of every kind.
class drawn_frames {
  // First, since its type is deduced.
  template <class T>
  auto counted(std::function<void(result<T>)> then = nullptr) {
    ++begun_;
    const auto signal = std::make_shared<boost::asio::cancellation_signal>();
    signals_.push_back(signal);
    return boost::asio::bind_cancellation_slot(signal->slot(), [this, signal, then](result<T> got) {
      ++ended_;
      if (then) then(std::move(got));
    });
  }

 public:
  drawn_frames(http_protocol protocol, dice& from) : protocol_(protocol), dice_(from) {
    emulator::emulator_options plain;
    plain.tls = false;
    plain.record = false;
    plain.script = emulator::parse_script("path /held: stall").value();
    server_.emplace(std::move(plain));
    replace();
  }

  void run() {
    for (int frame = 0; frame < frames; ++frame) {
      for (auto left = draw(dice_, 0, 6); left > 0; --left)
        call();
      slice();
    }
    downloads_.clear();
    chats_.clear();
    if (!pools_) replace();
    pools_->async_close_all(0ms, counted<void>());
    client_.reset();
    loop_.restart();
    loop_.run_for(hang);
    EXPECT_TRUE(loop_.stopped()) << "something is left on the loop";
    EXPECT_EQ(begun_, ended_) << "each call ends once";
    EXPECT_GT(begun_, frames);
  }

 private:
  /// Of random length and kind. The signals of calls that have ended go with it, as a program's would.
  void slice() {
    loop_.restart();
    switch (draw(dice_, 0, 3)) {
      case 0:
        loop_.poll_one();
        break;
      case 1:
        loop_.poll();
        break;
      default:
        loop_.run_for(std::chrono::microseconds(draw(dice_, 0, 3'000)));
    }
    std::erase_if(signals_, [](const auto& each) { return each.use_count() == 1; });
  }

  [[nodiscard]] request message(const std::string& path) {
    request made;
    const bool refused = draw(dice_, 0, 9) == 0;
    made.url = (refused ? "http://127.0.0.1:1" : server_->origin()) + path;
    made.provider = draw(dice_, 0, 1) == 0 ? "default" : "other";
    made.timeout = std::chrono::milliseconds(draw(dice_, 1, 60));
    return made;
  }

  void replace() {
    transport_options options;
    options.defaults.protocol = protocol_;
    options.defaults.max_connections = 4;
    options.defaults.report_lease_after = 5ms;
    options.log = [](std::string_view) {};
    if (pools_) {
      *pools_ = transport(loop_.get_executor(), std::move(options));
    } else {
      pools_.emplace(loop_.get_executor(), std::move(options));
    }
    client_options who;
    who.api_key = secret("sk-a-key-of-the-tests-77");
    who.base_url = server_->base_url();
    who.max_retries = 1;
    client_.emplace(*pools_, who);
  }

  void configure() {
    pool_options other;
    other.max_connections = draw(dice_, 1, 6);
    other.idle_timeout = std::chrono::milliseconds(draw(dice_, 0, 50));
    EXPECT_TRUE(pools_->configure("default", other));
  }

  void upload() {
    auto made = message("/echo");
    made.method = "POST";
    made.body = body_source{.next = [asked = 0](const body_source::chunk_handler& answer) mutable {
      answer(++asked < 4 ? std::string(500, 'x') : std::string());
    }};
    pools_->async_send(std::move(made), counted<response>());
  }

  void open() {
    pools_->async_open(message(draw(dice_, 0, 1) == 0 ? "/bytes/3000000" : "/bytes/10"),
                       counted<response_stream>([this](result<response_stream> got) {
                         if (got) downloads_.push_back(std::make_shared<response_stream>(std::move(*got)));
                       }));
  }

  void read() {
    if (downloads_.empty()) return;
    const auto from = downloads_.front();
    downloads_.pop_front();
    from->async_read(counted<std::string>([this, from](const result<std::string>& got) {
      if (got && !got->empty() && from->valid()) downloads_.push_back(from);
    }));
    // Let go of while it is read, sometimes.
    if (draw(dice_, 0, 2) == 0) *from = {};
  }

  void open_chat() {
    client_->async_stream(ask(), counted<chat_stream>([this](result<chat_stream> got) {
                            if (got) chats_.push_back(std::make_shared<chat_stream>(std::move(*got)));
                          }));
  }

  void read_chat() {
    if (chats_.empty()) return;
    const auto from = chats_.front();
    chats_.pop_front();
    from->next(counted<std::optional<stream_event>>([this, from](const result<std::optional<stream_event>>& got) {
      if (got && *got && from->valid()) chats_.push_back(from);
    }));
    if (draw(dice_, 0, 2) == 0) *from = {};
  }

  void cancel_some() {
    for (auto& each : signals_)
      if (draw(dice_, 0, 3) == 0) each->emit(boost::asio::cancellation_type::terminal);
  }

  void call() {
    if (begun_ - ended_ > most_under_way) return;
    if (!pools_) return replace();
    switch (draw(dice_, 0, 17)) {
      case 0:
        return pools_->network_changed();
      case 1:
        return configure();
      case 2:
        return (void)pools_->close_idle();
      case 3:
        return pools_->async_close("default", std::chrono::milliseconds(draw(dice_, 0, 5)), counted<void>());
      case 4:
        return replace();
      case 5:
        return client_.reset(), pools_.reset();
      case 6:
        return cancel_some();
      case 7:
        return downloads_.clear();
      case 8:
        return chats_.clear();
      case 9:
        return pools_->async_prewarm("default", server_->origin(), draw(dice_, 1, 3), counted<void>());
      case 10:
        return upload();
      case 11:
        return open();
      case 12:
        return read();
      case 13:
        return client_->async_chat(ask(), counted<chat_reply>());
      case 14:
        return open_chat();
      case 15:
        return read_chat();
      case 16:
        return pools_->async_send(message("/held"), counted<response>());
      default:
        return pools_->async_send(message("/bytes/10"), counted<response>());
    }
  }

  const http_protocol protocol_;
  dice& dice_;
  std::optional<emulator::server> server_;
  asio::io_context loop_{1};
  std::deque<std::shared_ptr<boost::asio::cancellation_signal>> signals_;
  std::optional<transport> pools_;
  std::optional<async_client> client_;
  std::deque<std::shared_ptr<response_stream>> downloads_;
  std::deque<std::shared_ptr<chat_stream>> chats_;
  std::size_t begun_ = 0;
  std::size_t ended_ = 0;
};

class between_slices : public over_both {};

TEST_P(between_slices, anything_may_be_called) {
  auto from = seeded_dice(20261129);
  drawn_frames(GetParam(), from).run();
}

/// What crashed: dials under way, given up between two slices.
TEST_P(between_slices, the_network_may_change_while_connections_are_dialed) {
  emulator::emulator_options plain;
  plain.tls = false;
  const emulator::server server(plain);
  asio::io_context loop{1};
  transport_options options;
  options.defaults.protocol = GetParam();
  transport pools(loop.get_executor(), std::move(options));
  int ended = 0;
  for (int frame = 0; frame < 50; ++frame) {
    for (int i = 0; i < 20; ++i) {
      request message;
      message.url = server.origin() + "/bytes/1";
      pools.async_send(std::move(message), [&](const result<response>& got) {
        EXPECT_TRUE(got) << got.error().to_string();
        ++ended;
      });
    }
    loop.restart();
    loop.run_for(std::chrono::milliseconds(1 + frame % 5));
    pools.network_changed();
  }
  const auto give_up = std::chrono::steady_clock::now() + hang;
  while (ended < 1000 && std::chrono::steady_clock::now() < give_up) {
    loop.restart();
    loop.run_one_for(hang);
  }
  EXPECT_EQ(ended, 1000);
}

/// The wish came before the call had begun, and was lost, or thrown out of the loop.
TEST_P(between_slices, a_call_that_is_cancelled_before_the_loop_has_seen_it_is_cancelled) {
  streaming test(GetParam(), always(streamed(numbered(3))));
  asio::io_context loop{1};
  transport pools(loop.get_executor(), test.of_all);
  async_client chats(pools, test.who);
  std::vector<std::optional<errc>> ends;
  const auto cancel_at_once = [&](auto start) {
    boost::asio::cancellation_signal signal;
    const auto index = ends.size();
    ends.emplace_back();
    start(boost::asio::bind_cancellation_slot(
        signal.slot(), [&ends, index](const auto& got) { ends[index] = got ? errc{} : got.error().code; }));
    signal.emit(boost::asio::cancellation_type::terminal);
    loop.restart();
    while (!ends[index] && !loop.stopped())
      loop.run_one_for(hang);
  };
  request message;
  message.url = test.server.origin() + "/bytes/10";
  cancel_at_once([&](auto token) { pools.async_send(message, token); });
  cancel_at_once([&](auto token) { pools.async_open(message, token); });
  cancel_at_once([&](auto token) { pools.async_prewarm("default", test.server.origin(), 1, token); });
  cancel_at_once([&](auto token) { chats.async_chat(ask(), token); });
  cancel_at_once([&](auto token) { chats.async_stream(ask(), token); });
  cancel_at_once([&](auto token) { chats.async_models({}, token); });
  for (std::size_t i = 0; i < ends.size(); ++i)
    EXPECT_EQ(ends[i], errc::cancelled) << "call " << i;
}

TEST_P(between_slices, a_stream_that_is_let_go_of_before_the_loop_has_seen_its_read_is_cancelled) {
  emulator::emulator_options plain;
  plain.tls = false;
  const emulator::server server(plain);
  asio::io_context loop{1};
  transport_options options;
  options.defaults.protocol = GetParam();
  transport pools(loop.get_executor(), std::move(options));
  request message;
  message.url = server.origin() + "/bytes/3000000";
  response_stream stream;
  pools.async_open(message, [&](result<response_stream> got) { stream = std::move(*got); });
  while (!stream.valid())
    loop.run_one_for(hang);
  std::optional<errc> end;
  stream.async_read([&](const result<std::string>& got) { end = got ? errc{} : got.error().code; });
  stream = {};
  pools.async_close_all(0ms, [](const result<void>&) {});
  loop.restart();
  loop.run_for(hang);
  EXPECT_EQ(end, errc::cancelled);
}

INSTANTIATE_TEST_SUITE_P(of_both, between_slices, ::testing::Values(http_protocol::http1, http_protocol::http2),
                         protocol_name);

}  // namespace
}  // namespace warmwire::test::between_slices_test

// The same table as in transport/callbacks_test.cpp for the functions that a program gives to a client.
#include "streaming.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>
#include <optional>
#include <stdexcept>

namespace warmwire::test::callbacks_test {
namespace {

enum class client_callback : std::uint8_t { retry_wait, retry_dice, retry_now, chatted, opened, next };
constexpr std::array client_callbacks{client_callback::retry_wait, client_callback::retry_dice,
                                      client_callback::retry_now,  client_callback::chatted,
                                      client_callback::opened,     client_callback::next};
constexpr std::array client_callback_names{"retry_wait", "retry_dice", "retry_now", "chatted", "opened", "next"};

enum class client_deed : std::uint8_t {
  drop_stream,
  drop_client,
  cancel,
  close,
  start,
  end_transport,
  throw_something
};
constexpr std::array client_deeds{client_deed::drop_stream,    client_deed::drop_client, client_deed::cancel,
                                  client_deed::close,          client_deed::start,       client_deed::end_transport,
                                  client_deed::throw_something};
constexpr std::array client_deed_names{"drops_the_stream", "drops_the_client",   "cancels", "closes",
                                       "starts",           "ends_the_transport", "throws"};

struct client_misdeed : std::runtime_error {
  client_misdeed() : std::runtime_error("a deed of the test") {}
};

/// A whole chat that is tried again and a stream that is read, at once on one loop.
class client_scene {
 public:
  static constexpr int times = 3;

  client_scene(client_callback where, client_deed what, http_protocol protocol)
      : where_(where), what_(what), test_(protocol, first_fails(), {}, 2) {
    pools_.emplace(loop_.get_executor(), test_.of_all);
    auto who = test_.who;
    who.timing.now = [this] {
      at(client_callback::retry_now);
      return std::chrono::steady_clock::now();
    };
    who.timing.dice = [this] {
      at(client_callback::retry_dice);
      return 1.0;
    };
    who.timing.wait = [this](std::chrono::milliseconds, const std::function<void()>& done) {
      at(client_callback::retry_wait);
      done();
    };
    client_.emplace(*pools_, who);
  }

  void run() {
    chat();
    open();
    const auto timer = std::make_shared<asio::steady_timer>(loop_, 150ms);
    timer->async_wait([this, timer](boost::system::error_code) {
      is_late_ = true;
      stream_.reset();
      if (pools_) close();
    });
    run_until([this] { return is_late_ && begun_ == ended_; });
    stream_.reset();
    client_.reset();
    pools_.reset();
    loop_.restart();
    run_until([this] { return loop_.stopped(); });
    EXPECT_TRUE(loop_.stopped()) << "something is left on the loop";
    EXPECT_EQ(begun_, ended_) << "each call ends once";
    EXPECT_GT(done_, 0) << "the function was never called";
    const bool leaves = what_ == client_deed::throw_something && where_ >= client_callback::chatted;
    EXPECT_EQ(thrown_, leaves ? done_ : 0)
        << "a completion handler's exception goes to whoever runs the loop, and no other";
  }

 private:
  void run_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      if (loop_.stopped()) loop_.restart();
      try {
        loop_.run_one_for(std::chrono::milliseconds(100));
      } catch (const client_misdeed&) {
        ++thrown_;
      }
    }
  }

  /// Both first tries.
  static emulator::script first_fails() {
    return {{{.when = {}, .actions = {fault::slow{std::size_t{200}, 3ms}}},
             {.when = {.request = 1}, .actions = {fault::status{503}}},
             {.when = {.request = 2}, .actions = {fault::status{503}}}}};
  }

  template <class T, class Handler>
  auto counted(Handler handler) {
    ++begun_;
    auto& signal = signals_.emplace_back();
    return asio::bind_cancellation_slot(signal.slot(), [this, handler](result<T> got) {
      ++ended_;
      handler(std::move(got));
    });
  }

  void chat() {
    client_->async_chat(ask(), counted<chat_reply>([this](const result<chat_reply>& got) {
                          if (!got && where_ < client_callback::chatted && what_ == client_deed::throw_something) {
                            EXPECT_EQ(got.error().code, errc::internal) << got.error().to_string();
                          }
                          at(client_callback::chatted);
                        }));
  }

  void open() {
    client_->async_stream(ask(), counted<chat_stream>([this](result<chat_stream> got) {
                            const bool is_open = got.has_value();
                            if (is_open) stream_.emplace(std::move(*got));
                            const auto number = is_open ? ++streams_ : 0;
                            at(client_callback::opened);
                            if (is_open) read_on(number);
                          }));
  }

  void read_on(int number) {
    if (!stream_ || number != streams_) return;
    stream_->next(counted<std::optional<stream_event>>([this, number](const result<std::optional<stream_event>>& got) {
      const bool goes_on = got && *got;
      at(client_callback::next);
      if (goes_on) read_on(number);
    }));
  }

  void close() {
    pools_->async_close_all(10ms, counted<void>([](const result<void>&) {}));
  }

  void at(client_callback here) {
    if (here != where_ || done_ >= times) return;
    ++done_;
    switch (what_) {
      case client_deed::drop_stream:
        stream_.reset();
        break;
      case client_deed::drop_client:
        client_.reset();
        break;
      case client_deed::cancel:
        for (auto& each : signals_)
          each.emit(asio::cancellation_type::terminal);
        break;
      case client_deed::close:
        if (pools_) close();
        break;
      case client_deed::start:
        chat();
        open();
        break;
      case client_deed::end_transport:
        client_.reset();
        pools_.reset();
        break;
      case client_deed::throw_something:
        throw client_misdeed();
    }
  }

  const client_callback where_;
  const client_deed what_;
  streaming test_;
  asio::io_context loop_{1};
  std::deque<asio::cancellation_signal> signals_;
  std::optional<transport> pools_;
  std::optional<async_client> client_;
  std::optional<chat_stream> stream_;
  int streams_ = 0;
  bool is_late_ = false;
  int begun_ = 0;
  int ended_ = 0;
  int done_ = 0;
  int thrown_ = 0;
};

using client_cell = std::tuple<client_callback, client_deed, http_protocol>;

class client_callback_table : public ::testing::TestWithParam<client_cell> {};

TEST_P(client_callback_table, may_do_anything) {
  const auto [where, what, protocol] = GetParam();
  client_scene(where, what, protocol).run();
}

std::string name_of_client_cell(const ::testing::TestParamInfo<client_cell>& of) {
  const auto [where, what, protocol] = of.param;
  return std::string(client_callback_names.at(static_cast<std::size_t>(where))) + "_" +
         client_deed_names.at(static_cast<std::size_t>(what)) +
         (protocol == http_protocol::http1 ? "_http1" : "_http2");
}

INSTANTIATE_TEST_SUITE_P(table, client_callback_table,
                         ::testing::Combine(::testing::ValuesIn(client_callbacks), ::testing::ValuesIn(client_deeds),
                                            ::testing::Values(http_protocol::http1, http_protocol::http2)),
                         name_of_client_cell);

}  // namespace
}  // namespace warmwire::test::callbacks_test

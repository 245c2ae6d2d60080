// Whatever a program does from within a function that it gave to a transport harms neither: a table of each function,
// each deed and both protocols. AddressSanitizer is the judge of what was touched.
#include "emulator/emulator.hpp"

#include <warmwire/transport.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::test::callbacks_test {
namespace {

using namespace std::chrono_literals;
namespace fault = emulator::fault;

enum class within : std::uint8_t {
  body_source,
  long_lease,
  log,
  resolver,
  boot_clock,
  sent,
  opened,
  read,
  prewarmed,
  closed,
};
constexpr std::array all_callbacks{within::body_source, within::long_lease, within::log,    within::resolver,
                                   within::boot_clock,  within::sent,       within::opened, within::read,
                                   within::prewarmed,   within::closed};
constexpr std::array callback_names{"body_source", "long_lease", "log",  "resolver",  "boot_clock",
                                    "sent",        "opened",     "read", "prewarmed", "closed"};

enum class deed : std::uint8_t { drop, cancel, close, change, start, end_transport, throw_something };
constexpr std::array all_deeds{deed::drop,  deed::cancel,        deed::close,          deed::change,
                               deed::start, deed::end_transport, deed::throw_something};
constexpr std::array deed_names{"drops", "cancels", "closes", "changes", "starts", "ends_the_transport", "throws"};

struct misdeed : std::runtime_error {
  misdeed() : std::runtime_error("a deed of the test") {}
};

bool is_completion(within where) {
  return where >= within::sent;
}

/// Calls of every kind under way at once on one loop, and a deed within the first calls of one function.
class scene {
 public:
  static constexpr int times = 3;

  scene(within where, deed what, http_protocol protocol) : where_(where), what_(what) {
    emulator::emulator_options plain;
    plain.tls = false;
    plain.script = emulator::parse_script("path /held: stall").value();
    server_.emplace(std::move(plain));
    pools_.emplace(loop_.get_executor(), options(protocol));
  }

  void run() {
    open_download();
    start_upload();
    send("/bytes/10");
    send("/held");
    prewarm();
    wait_and_close();
    run_until([this] { return is_late_ && begun_ == ended_; });
    download_.reset();
    upload_.reset();
    pools_.reset();
    loop_.restart();
    run_until([this] { return loop_.stopped(); });
    EXPECT_TRUE(loop_.stopped()) << "something is left on the loop";
    EXPECT_EQ(begun_, ended_) << "each call ends once";
    EXPECT_GT(done_, 0) << "the function was never called";
    EXPECT_EQ(thrown_, what_ == deed::throw_something && is_completion(where_) ? done_ : 0)
        << "a completion handler's exception goes to whoever runs the loop, and no other";
  }

 private:
  void run_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      if (loop_.stopped()) loop_.restart();
      try {
        loop_.run_one_for(std::chrono::milliseconds(100));
      } catch (const misdeed&) {
        ++thrown_;
      }
    }
  }

  [[nodiscard]] transport_options options(http_protocol protocol) {
    transport_options made;
    made.defaults.protocol = protocol;
    made.defaults.max_connections = 3;
    made.defaults.report_lease_after = 5ms;
    made.defaults.proxy.emplace().use_environment = false;
    made.log = [this](std::string_view) { at(within::log); };
    made.on_long_lease = [this](const long_lease&) { at(within::long_lease); };
    made.boot_clock = [this] {
      at(within::boot_clock);
      return std::chrono::nanoseconds(0);
    };
    made.dns.min_ttl = made.dns.default_ttl = 0ms;
    made.resolver = [this](const std::string&, const resolve_completion& done) {
      at(within::resolver);
      done(resolved{.addresses = {"127.0.0.1"}});
    };
    return made;
  }

  [[nodiscard]] request get(const std::string& path) const {
    request message;
    message.url = "http://api.test:" + std::to_string(server_->port()) + path;
    message.timeout = 400ms;
    return message;
  }

  /// `handler` is called once, unless the test says so.
  template <class T, class Handler>
  auto counted(Handler handler) {
    ++begun_;
    auto& signal = signals_.emplace_back();
    return boost::asio::bind_cancellation_slot(signal.slot(), [this, handler](result<T> got) {
      ++ended_;
      handler(std::move(got));
    });
  }

  void open_download() {
    pools_->async_open(get("/bytes/3000000"), counted<response_stream>([this](result<response_stream> got) {
                         const bool is_open = got.has_value();
                         if (is_open) download_.emplace(std::move(*got));
                         const auto number = is_open ? ++downloads_ : 0;
                         at(within::opened);
                         if (is_open) read_on(number);
                       }));
  }

  /// Of the download with this number, if it is still there: one read at a time.
  void read_on(int number) {
    if (!download_ || number != downloads_) return;
    download_->async_read(counted<std::string>([this, number](const result<std::string>& got) {
      if (got && !got->empty() && ++reads_ < 2 * times) {
        const auto again = std::make_shared<boost::asio::steady_timer>(loop_, 5ms);
        again->async_wait([this, number, again](boost::system::error_code) { read_on(number); });
      }
      at(within::read);
    }));
  }

  void start_upload() {
    auto message = get("/echo");
    message.method = "POST";
    message.body = body_source{.next = [this, asked = 0](const body_source::chunk_handler& done) mutable {
      at(within::body_source);
      done(++asked < 2 * times ? std::string(1000, 'a') : std::string());
    }};
    pools_->async_open(std::move(message), counted<response_stream>([this](result<response_stream> got) {
                         if (got) upload_.emplace(std::move(*got));
                         at(within::opened);
                       }));
  }

  void send(const std::string& path) {
    pools_->async_send(get(path), counted<response>([this](const result<response>&) { at(within::sent); }));
  }

  void prewarm() {
    pools_->async_prewarm("default", get("/").url, 2,
                          counted<void>([this](const result<void>&) { at(within::prewarmed); }));
  }

  void close() {
    pools_->async_close_all(10ms, counted<void>([this](const result<void>&) { at(within::closed); }));
  }

  /// Long enough for all to be called.
  void wait_and_close() {
    const auto timer = std::make_shared<boost::asio::steady_timer>(loop_, 150ms);
    timer->async_wait([this, timer](boost::system::error_code) {
      is_late_ = true;
      if (!pools_) return;
      close();
      download_.reset();
      upload_.reset();
    });
  }

  void at(within here) {
    if (here != where_ || done_ >= times) return;
    ++done_;
    switch (what_) {
      case deed::drop:
        download_.reset();
        upload_.reset();
        break;
      case deed::cancel:
        for (auto& each : signals_)
          each.emit(boost::asio::cancellation_type::terminal);
        break;
      case deed::close:
        if (pools_) close();
        break;
      case deed::change:
        change();
        break;
      case deed::start:
        if (!pools_) break;
        send("/bytes/10");
        open_download();
        break;
      case deed::end_transport:
        pools_.reset();
        break;
      case deed::throw_something:
        throw misdeed();
    }
  }

  void change() {
    if (!pools_) return;
    pool_options other;
    other.max_connections = done_ % 2 == 0 ? 1 : 4;
    other.proxy.emplace().use_environment = false;
    other.connect_timeout = std::chrono::seconds(done_);
    EXPECT_TRUE(pools_->configure("default", other));
    pools_->close_idle();
    pools_->network_changed();
    EXPECT_EQ(pools_->stats().size(), 1U);
  }

  const within where_;
  const deed what_;
  std::optional<emulator::server> server_;
  boost::asio::io_context loop_{1};
  std::deque<boost::asio::cancellation_signal> signals_;
  std::optional<transport> pools_;
  std::optional<response_stream> download_;
  std::optional<response_stream> upload_;
  int downloads_ = 0;
  int reads_ = 0;
  bool is_late_ = false;
  int begun_ = 0;
  int ended_ = 0;
  int done_ = 0;
  int thrown_ = 0;
};

using cell = std::tuple<within, deed, http_protocol>;

class callbacks : public ::testing::TestWithParam<cell> {};

TEST_P(callbacks, may_do_anything) {
  const auto [where, what, protocol] = GetParam();
  scene(where, what, protocol).run();
}

std::string name_of(const ::testing::TestParamInfo<cell>& of) {
  const auto [where, what, protocol] = of.param;
  return std::string(callback_names.at(static_cast<std::size_t>(where))) + "_" +
         deed_names.at(static_cast<std::size_t>(what)) + (protocol == http_protocol::http1 ? "_http1" : "_http2");
}

INSTANTIATE_TEST_SUITE_P(table, callbacks,
                         ::testing::Combine(::testing::ValuesIn(all_callbacks), ::testing::ValuesIn(all_deeds),
                                            ::testing::Values(http_protocol::http1, http_protocol::http2)),
                         name_of);

}  // namespace
}  // namespace warmwire::test::callbacks_test

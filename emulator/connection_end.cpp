// How a connection of the emulator ends.
#include "emulator/connection_end.hpp"

#include "emulator/script_words.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace warmwire::emulator {

namespace asio = boost::asio;
using fault::ending;
using fault::moment;
using std::chrono::steady_clock;

namespace {

// How long the client may take to read a last answer before its unread bytes turn the close into a reset.
constexpr auto time_to_linger = std::chrono::seconds(2);

asio::awaitable<void> close_line(ending_connection ended, unread_bytes unread, std::string ended_by) {
  delay_line& line = ended.wire.line();
  if (unread == unread_bytes::possible) {
    co_await line.end(line_end::half_close);
    ended.records.on_ending(ended.number, ended_by);
    std::array<char, 4096> ignored{};
    const auto deadline = steady_clock::now() + time_to_linger;
    io_result got;
    while (!got.failure)
      got = co_await line.read_some(ignored, deadline);
  }
  co_await line.end(line_end::close);
  ended.records.on_ending(ended.number, ended_by);
}

asio::awaitable<void> end_line(ending_connection ended, line_end how, std::string ended_by) {
  co_await ended.wire.line().end(how);
  ended.records.on_ending(ended.number, ended_by);
}

}  // namespace

std::string name_of(ending how) {
  const auto word =
      std::find_if(ending_words.begin(), ending_words.end(), [how](const auto& each) { return each.value == how; });
  return "fault " + std::string(word->text);
}

asio::awaitable<void> end_in_order(ending_connection ended, unread_bytes unread, std::string ended_by) {
  co_await ended.wire.say_goodbye();
  co_await close_line(ended, unread, ended_by);
}

asio::awaitable<void> end_by_fault(ending_connection ended, fault::end how) {
  const bool may_have_unread = how.when == moment::after_head || how.when == moment::accept;
  const auto unread = may_have_unread ? unread_bytes::possible : unread_bytes::none;
  const std::string name = name_of(how.how);
  switch (how.how) {
    case ending::close:
      co_await end_in_order(ended, unread, name);
      break;
    case ending::truncate:
      co_await close_line(ended, unread, name);
      break;
    case ending::half_close:
      co_await ended.wire.say_goodbye();
      co_await end_line(ended, line_end::half_close, name);
      co_await ended.reader.drain();
      break;
    case ending::reset:
      co_await end_line(ended, line_end::reset, name);
      break;
    case ending::stall:
    case ending::mute:
      record_client_end(ended, co_await ended.reader.drain());
      break;
    case ending::vanish:
      co_await end_line(ended, line_end::vanish, name);
      ended.vanished.push_back(ended.wire.release());
      break;
  }
}

void record_client_end(const ending_connection& ended, boost::system::error_code failure) {
  const bool is_reset = failure == asio::error::connection_reset || failure == asio::error::broken_pipe;
  ended.records.on_ending(ended.number, is_reset ? "client reset" : "client");
}

}  // namespace warmwire::emulator

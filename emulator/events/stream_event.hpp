// The events of a streamed answer, before faults and before they are bytes. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warmwire::emulator {

struct stream_event {
  enum class part : std::uint8_t {
    content,
    finish,  ///< tells why the answer ended: without it the stream is not complete
    marker,  ///< the last word of a stream after that: `[DONE]`, `message_stop`
    noise,   ///< pings and the like; no fault counts them
  };
  enum class form : std::uint8_t {
    event,
    comment,  ///< `data` is its text
    raw,      ///< `data` is what is sent
  };
  std::string data{};
  std::string name{};  ///< empty for none
  part what = part::content;
  form written = form::event;
  bool has_usage = false;
};

/// Which API's words a ping and an error have.
enum class event_dialect : std::uint8_t { chat, responses, messages, gemini };

struct event_stream {
  event_dialect dialect = event_dialect::chat;
  std::vector<stream_event> events{};
  bool is_list = false;  ///< the events are the elements of a JSON array, not server-sent
};

}  // namespace warmwire::emulator

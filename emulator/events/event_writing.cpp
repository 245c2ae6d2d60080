// The events of a stream as the body of an answer.
#include "emulator/events/event_writing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace warmwire::emulator {
namespace {

using form = stream_event::form;

std::string_view line_end_of(fault::line_end kind) {
  switch (kind) {
    case fault::line_end::crlf:
      return "\r\n";
    case fault::line_end::cr:
      return "\r";
    default:
      return "\n";
  }
}

// The JSON with a line feed behind each comma outside of strings, where white space means nothing.
std::string broken_into_lines(std::string_view text) {
  std::string lines;
  bool is_in_string = false;
  bool is_escaped = false;
  for (const char c : text) {
    lines += c;
    if (c == '"' && !is_escaped) is_in_string = !is_in_string;
    is_escaped = c == '\\' && !is_escaped;
    if (c == ',' && !is_in_string) lines += '\n';
  }
  return lines;
}

class sse_writer {
 public:
  sse_writer(std::string& out, const behaviour& asked)
      : out_(out), line_end_(line_end_of(asked.line_end)), has_multi_line_(asked.has_multi_line) {}

  void write(const stream_event& event) {
    if (event.written == form::raw) {
      out_ += event.data;
      return;
    }
    if (event.written == form::comment) {
      write_line(": ", event.data);
    } else {
      if (!event.name.empty()) write_line("event: ", event.name);
      write_data(has_multi_line_ ? broken_into_lines(event.data) : event.data);
    }
    out_ += line_end_;
  }

 private:
  void write_line(std::string_view field, std::string_view value) {
    out_.append(field).append(value).append(line_end_);
  }
  void write_data(std::string_view data) {
    while (true) {
      const auto end = data.find('\n');
      write_line("data: ", data.substr(0, end));
      if (end == data.npos) return;
      data.remove_prefix(end + 1);
    }
  }

  std::string& out_;
  std::string_view line_end_;
  bool has_multi_line_;
};

// One array that grows, as Google sends it: an element per piece.
std::string element_text(const stream_event& event, bool is_first) {
  std::string text = is_first ? "[" : ",\r\n";
  return text.append(event.data);
}

}  // namespace

void write_events(answer& said, const behaviour& asked) {
  const event_stream stream = std::move(*said.stream);
  said.stream.reset();
  if (asked.has_byte_order_mark && !stream.is_list) said.body = "\xEF\xBB\xBF";
  sse_writer writer(said.body, asked);
  bool is_first = true;
  for (const stream_event& each : stream.events) {
    if (stream.is_list) {
      said.body += element_text(each, is_first);
    } else {
      writer.write(each);
    }
    const bool counts = each.what != stream_event::part::noise;
    const auto pause = is_first || !counts ? std::chrono::microseconds(0) : asked.event_delay;
    said.pieces.push_back({.end = said.body.size(), .pause = pause, .ends_event = counts});
    is_first = false;
  }
  if (!stream.is_list) return;
  said.body += is_first ? "[]\n" : "\r\n]\n";
  said.pieces.push_back({.end = said.body.size()});
}

void split_pieces(answer& said, std::size_t bytes) {
  std::vector<body_piece> split;
  std::uint64_t begin = 0;
  for (const body_piece& each : said.pieces) {
    for (std::uint64_t end = begin + bytes; end < each.end; end += bytes)
      split.push_back({.end = end, .pause = end == begin + bytes ? each.pause : std::chrono::microseconds(0)});
    const bool is_whole = each.end <= begin + bytes;
    split.push_back({.end = each.end,
                     .pause = is_whole ? each.pause : std::chrono::microseconds(0),
                     .ends_event = each.ends_event});
    begin = each.end;
  }
  said.pieces = std::move(split);
}

}  // namespace warmwire::emulator

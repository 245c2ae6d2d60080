// Calls of the emulator's APIs without a wire.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/request.hpp"
#include "emulator/routes.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warmwire::emulator::testing {

/// A request with the keys of all APIs; a GET when there is no body.
inline request call_to(std::string target, std::string body = {}) {
  request made;
  made.method = body.empty() ? "GET" : "POST";
  made.target = std::move(target);
  made.headers = {{"authorization", "Bearer sk-test"}, {"x-goog-api-key", "test"}};
  if (made.target.starts_with("/v1/messages") || made.target.starts_with("/as/anthropic")) {
    made.headers = {{"x-api-key", "sk-test"}, {"anthropic-version", "2023-06-01"}};
  }
  made.body = std::move(body);
  return made;
}

/// Of a strict emulator.
inline answer answer_to(const request& what, std::uint64_t number = 7) {
  return answer_request(
      {.what = what, .number = number, .latency = std::chrono::milliseconds(120), .others = unknown_fields::refused});
}

inline answer answer_to(std::string target, std::string body = {}) {
  return answer_to(call_to(std::move(target), std::move(body)));
}

inline boost::json::value json_of(const answer& said) {
  return boost::json::parse(said.body);
}

/// The body of a success.
inline boost::json::value success_of(std::string target, std::string body = {}) {
  const answer said = answer_to(std::move(target), std::move(body));
  EXPECT_EQ(said.status, 200U) << said.body;
  return json_of(said);
}

/// The events of a streamed success.
inline std::vector<stream_event> events_of(std::string target, std::string body) {
  answer said = answer_to(std::move(target), std::move(body));
  EXPECT_EQ(said.status, 200U) << said.body;
  if (!said.stream) {
    ADD_FAILURE() << "no stream: " << said.body;
    return {};
  }
  return std::move(said.stream->events);
}

inline std::string text_at(const boost::json::value& in, std::string_view pointer) {
  return in.at_pointer({pointer.data(), pointer.size()}).as_string().c_str();
}

/// The value of a field of the answer's head; empty when there is none.
inline std::string field_of(const answer& said, std::string_view name) {
  std::string_view rest = said.fields;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const auto colon = line.find(": ");
    const std::string_view found = line.substr(0, colon);
    if (boost::beast::iequals({found.data(), found.size()}, {name.data(), name.size()}))
      return std::string(line.substr(colon + 2));
  }
  return {};
}

}  // namespace warmwire::emulator::testing

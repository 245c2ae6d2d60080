// What `warmwire chat` prints of an answer.
#pragma once

#include <warmwire/chat.hpp>
#include <warmwire/error.hpp>

#include <boost/json/fwd.hpp>

#include <string>

namespace warmwire::cli {

[[nodiscard]] boost::json::object reply_json(const chat_reply& reply);
[[nodiscard]] boost::json::object error_json(const error& reason);

/// What an answer cost and how it came, on standard error: usage, failed tries, connection, time.
void print_details(const chat_reply& reply);

/// One line for each tool that the model asks for, on standard output.
void print_calls(const chat_reply& reply);

/// As it is to be written to standard output: a model's text may hold escape sequences, and a terminal shall not obey
/// them. A pipe gets every byte.
[[nodiscard]] std::string for_output(std::string text);

/// Whether there is anything that the program can print as an answer.
[[nodiscard]] bool has_answer(const chat_reply& reply);

/// What is to be told of how an answer ended, with the provider's own words; nothing where it ended as it should.
[[nodiscard]] std::string told_end(const chat_reply& reply);

}  // namespace warmwire::cli

// Errors as OpenAI's API writes them.
#include "emulator/openai_error.hpp"

#include <array>

namespace warmwire::emulator {
namespace {

struct known_status {
  unsigned status;
  std::string_view type;
  std::string_view code;
};

constexpr std::array<known_status, 10> known{{{400, "invalid_request_error", ""},
                                              {401, "invalid_request_error", "invalid_api_key"},
                                              {403, "invalid_request_error", "permission_denied"},
                                              {404, "invalid_request_error", "not_found"},
                                              {409, "invalid_request_error", "conflict"},
                                              {413, "invalid_request_error", "request_too_large"},
                                              {422, "invalid_request_error", "unprocessable_entity"},
                                              {429, "requests", "rate_limit_exceeded"},
                                              {500, "server_error", ""},
                                              {503, "server_error", "overloaded"}}};

void append_string_or_null(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += "null";
  } else {
    append_json_string(out, text);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      ((out += "\\u00") += digits[byte >> 4U]) += digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string error_body(const openai_error& error) {
  std::string out = R"({"error":{"message":)";
  append_json_string(out, error.message);
  out += R"(,"type":)";
  append_json_string(out, error.type);
  out += R"(,"param":)";
  append_string_or_null(out, error.param);
  out += R"(,"code":)";
  append_string_or_null(out, error.code);
  return out += "}}\n";
}

answer error_answer(const openai_error& error) {
  answer said{.status = error.status};
  append_field(said.fields, "Content-Type", "application/json");
  said.body = error_body(error);
  return said;
}

openai_error error_for_status(unsigned status) {
  openai_error error{.status = status, .message = "The emulator was told to answer " + std::to_string(status) + "."};
  error.type = status >= 500 ? "server_error" : "invalid_request_error";
  for (const known_status& each : known) {
    if (each.status != status) continue;
    error.type = each.type;
    error.code = each.code;
  }
  return error;
}

}  // namespace warmwire::emulator

// The APIs that the emulator speaks: which one a request is for, its key, and the header fields of its answers. Pure
// functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/api/api_error.hpp"
#include "emulator/api/asked.hpp"
#include "emulator/api/server_kind.hpp"

namespace warmwire::emulator {

/// The same request with the same number gets the same answer, to the byte.
[[nodiscard]] answer answer_api(const asked& question, const api_call& call);

/// An error of that server, with the header fields that all its answers have.
[[nodiscard]] answer api_error_answer(const asked& question, const api_call& call, const api_error& error);

/// Tells how long to wait, in the server's own way: `retry-after`, OpenAI's `retry-after-ms` beside it; Google has it
/// in the body of the error.
void append_retry_after(std::string& fields, const server_kind& as, std::chrono::microseconds wait);

}  // namespace warmwire::emulator

// Codes a body as a client accepts it. Pure functions, any thread.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/event_faults.hpp"
#include "emulator/request.hpp"

#include <optional>
#include <string_view>

namespace warmwire::emulator {

/// The coding that is wanted, or br or gzip, in this order, if the request's Accept-Encoding has it.
[[nodiscard]] std::optional<content_coding> accepted_coding(const request& what, const fault::compress& wanted);

/// Codes the body, with its Content-Encoding. Of a body in pieces each can be decoded when it has come. Bodies of more
/// than 64 MiB stay as they are.
void compress_body(answer& said, content_coding coding);

}  // namespace warmwire::emulator

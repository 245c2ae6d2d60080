// Which part of the emulator answers a request. Pure functions, any thread.
//
//   /v1/… /v1beta/… /openai/… /as/NAME/…   the providers' APIs, see api/server_kind.hpp
//   /echo                    any method: the request's body and its Content-Type
//   /headers                 the request's header fields, as a JSON array of [name, value]
//   /bytes/N                 N bytes with a Content-Length
//   /chunked/N  …/N/SIZE     N bytes in chunks of SIZE (4096)
//   /drip/N/D                N pieces (chunks, DATA frames) of 16 bytes, one every D
//   /status/CODE             that status, 200 to 599, without a body
//   /delay/D                 nothing, after so much more server time: /delay/200ms
#pragma once

#include "emulator/answer.hpp"
#include "emulator/api/asked.hpp"

namespace warmwire::emulator {

[[nodiscard]] answer answer_request(const asked& question);

}  // namespace warmwire::emulator

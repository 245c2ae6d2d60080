// Begins requests over what a transport is made of, which outlives it where a call still holds it. From any thread.
#pragma once

#include <warmwire/detail/completion.hpp>
#include <warmwire/request.hpp>
#include <warmwire/response_stream.hpp>

#include <memory>

namespace warmwire::detail {

class transport_core;

/// See `transport::async_send`. After the end of the transport: `pool_closed`.
void start_send(const std::shared_ptr<transport_core>& core, request message, completion<response> done);

/// See `transport::async_open`.
void start_open(const std::shared_ptr<transport_core>& core, request message, completion<response_stream> done);

}  // namespace warmwire::detail

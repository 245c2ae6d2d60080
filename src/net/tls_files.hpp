// Notices that the files behind a pool's TLS options have changed. No state.
#pragma once

#include <warmwire/options.hpp>

#include <cstdint>

namespace warmwire::net {

/// A number for what the files that `options` name hold now, or, where they name no authorities, for the state of the
/// system's. It differs when they do; of a directory only the list of its files counts. Reads them, and blocks for it;
/// one that cannot be read is a state, too.
[[nodiscard]] std::uint64_t state_of_tls_files(const tls_options& options);

}  // namespace warmwire::net

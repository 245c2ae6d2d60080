// A network of a test's own, in which packets can be made to vanish. For root only, and not in every container.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace warmwire::test {

class private_network {
 public:
  enum class needs : std::uint8_t { loopback, packet_filter };

  /// Runs `scenario` on a thread that sees nothing but a loopback interface made for it, as do the threads and
  /// processes that it starts; these must end with it. Waits for the end. Returns nothing when the scenario ran, else
  /// why it could not: what the test is skipped with.
  [[nodiscard]] static std::optional<std::string> run(const std::function<void(private_network&)>& scenario,
                                                      needs what = needs::packet_filter);

  /// From now on no packet of the TCP connections that are established to a port passes, in either direction. New
  /// connections to it are none of this. Returns how many connections that are; throws std::runtime_error when
  /// iptables fails.
  std::size_t silence_connections_to(std::uint16_t port);

  /// From now on these threads find `content` in a file that exists, as of `file`, which the rest of the machine still
  /// sees as it was. Returns why not, where it cannot be done.
  [[nodiscard]] std::optional<std::string> replace_file(const std::string& file, const std::string& content);

 private:
  private_network() = default;
};

}  // namespace warmwire::test

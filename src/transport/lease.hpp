// One reserved stream of a connection. However its holder ends, the stream goes back to its pool, once.
#pragma once

#include "connection/h1_connection.hpp"
#include "pool/types.hpp"

#include <warmwire/stats.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace warmwire::detail {

class origin_driver;

class lease {
 public:
  lease() = default;
  lease(std::shared_ptr<origin_driver> driver, pool::connection_id id,
        std::shared_ptr<connection::h1_connection> connection)
      : driver_(std::move(driver)), id_(id), connection_(std::move(connection)) {}
  lease(lease&& other) noexcept
      : driver_(std::move(other.driver_)), id_(other.id_), connection_(std::move(other.connection_)) {}
  lease& operator=(lease&& other) noexcept {
    if (this != &other) {
      give_back_unused();
      driver_ = std::move(other.driver_);
      id_ = other.id_;
      connection_ = std::move(other.connection_);
    }
    return *this;
  }
  ~lease() { give_back_unused(); }

  [[nodiscard]] explicit operator bool() const noexcept { return connection_ != nullptr; }
  connection::h1_connection* operator->() const noexcept { return connection_.get(); }
  [[nodiscard]] pool::connection_id id() const noexcept { return id_; }

  /// Gives the stream back. With a reason the connection is closed; without one it is fit for the next request.
  void give_back(std::optional<close_reason> unfit, const pool::keep_alive_hint& hint = {});
  /// Gives back what no exchange was begun on: it does not count as a use.
  void give_back_unused(std::optional<close_reason> unfit = std::nullopt);

 private:
  std::shared_ptr<origin_driver> driver_;
  pool::connection_id id_{};
  std::shared_ptr<connection::h1_connection> connection_;
};

}  // namespace warmwire::detail

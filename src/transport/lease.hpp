// One reserved stream of a connection. However its holder ends, the stream goes back to its pool, once.
#pragma once

#include "connection/http_connection.hpp"
#include "pool/types.hpp"

#include <warmwire/stats.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace warmwire::detail {

class exchange;
class origin_driver;

class lease {
 public:
  lease() = default;
  lease(std::shared_ptr<origin_driver> driver, pool::connection_id id, exchange& holder,
        std::shared_ptr<connection::http_connection> connection)
      : driver_(std::move(driver)),
        id_(id),
        holder_(&holder),
        connection_(std::move(connection)),
        stream_(connection_->open_stream()) {}
  lease(lease&& other) noexcept
      : driver_(std::move(other.driver_)),
        id_(other.id_),
        holder_(other.holder_),
        connection_(std::move(other.connection_)),
        stream_(std::move(other.stream_)) {}
  lease& operator=(lease&& other) noexcept {
    if (this != &other) {
      give_back_unused();
      driver_ = std::move(other.driver_);
      id_ = other.id_;
      holder_ = other.holder_;
      connection_ = std::move(other.connection_);
      stream_ = std::move(other.stream_);
    }
    return *this;
  }
  ~lease() { give_back_unused(); }

  [[nodiscard]] explicit operator bool() const noexcept { return connection_ != nullptr; }
  connection::http_stream* operator->() const noexcept { return stream_.get(); }
  [[nodiscard]] connection::http_connection& connection() const noexcept { return *connection_; }
  [[nodiscard]] pool::connection_id id() const noexcept { return id_; }

  /// Gives the stream back after its exchange.
  void give_back(const connection::ending& how, const pool::keep_alive_hint& hint = {});
  /// Gives back what no exchange was begun on: it does not count as a use. With a reason the connection is closed.
  void give_back_unused(std::optional<close_reason> unfit = std::nullopt);

 private:
  std::shared_ptr<origin_driver> driver_;
  pool::connection_id id_{};
  exchange* holder_ = nullptr;
  std::shared_ptr<connection::http_connection> connection_;
  std::shared_ptr<connection::http_stream> stream_;
};

}  // namespace warmwire::detail

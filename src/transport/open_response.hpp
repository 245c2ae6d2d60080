// What a response_stream holds: the exchange it reads from.
#pragma once

#include "transport/exchange.hpp"

#include <memory>

namespace warmwire::detail {

class open_response {
 public:
  explicit open_response(std::shared_ptr<exchange> from) : exchange_(std::move(from)) {}
  open_response(const open_response&) = delete;
  open_response& operator=(const open_response&) = delete;
  ~open_response() { exchange_->abandon(); }

  [[nodiscard]] exchange& get() const noexcept { return *exchange_; }
  [[nodiscard]] const std::shared_ptr<exchange>& share() const noexcept { return exchange_; }

 private:
  std::shared_ptr<exchange> exchange_;
};

}  // namespace warmwire::detail

// The bytes of one request on their way out: its head, and a body that is at hand or produced while it is sent.
#pragma once

#include <warmwire/error.hpp>
#include <warmwire/request.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace warmwire::connection {

/// Lives on the executor of its connection, as long as the exchange it belongs to.
class outgoing {
 public:
  enum class form : std::uint8_t {
    http_1,  ///< the head, then the body, in chunks when its length is not known
    http_2,  ///< the bare body: frames tell the rest
  };

  /// A body that is at hand: `body` must outlive this object. A short one is joined with the head, so that both leave
  /// in one write.
  outgoing(std::string head, std::string_view body);
  /// A body that `source` produces; chunked unless its length is known. `limit` bounds it. The source is asked from a
  /// handler of its own, and may let go of this object then.
  outgoing(std::string head, body_source source, std::uint64_t limit, boost::asio::any_io_executor executor);
  ~outgoing();

  /// Starts, or starts again, from the first byte. Again only while `has_used_source()` is false.
  void begin(form how) noexcept;

  /// What can be written now; sees to it that the source is asked for more when there is nothing. Empty: wait for the
  /// source, or finished.
  std::span<const char> front();
  void consume(std::size_t bytes);

  /// Called on the executor when the source has produced something, or has failed, after `front()` was empty. Without a
  /// listener the source is not asked: the exchange is over.
  void on_produced(std::function<void()> listener);

  [[nodiscard]] bool is_finished() const noexcept;
  [[nodiscard]] bool has_written() const noexcept { return written_ > 0; }
  /// The source was asked at least once: what it gave cannot be had again.
  [[nodiscard]] bool has_used_source() const noexcept;
  /// The source's failure (`request_body_failed`, `request_too_large`), if it failed.
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }

 private:
  struct production;
  void ask();
  static void put(const std::shared_ptr<production>& question, const std::shared_ptr<const body_source>& source);
  void fail(error why);
  void receive(result<std::string> chunk);
  void take(result<std::string> chunk);
  void finish_source();

  std::string head_;  // with a short body, or with the chunk that goes out now
  const std::size_t head_size_;
  std::string_view body_;  // a long body
  form form_ = form::http_1;
  std::size_t offset_ = 0;
  std::uint64_t written_ = 0;

  std::shared_ptr<const body_source> source_;
  std::uint64_t limit_ = 0;
  std::uint64_t produced_ = 0;
  bool source_ended_ = false;
  bool used_source_ = false;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<production> asked_;
  std::function<void()> listener_;
  std::optional<error> failure_;
};

}  // namespace warmwire::connection

// JSON that a peer wrote, read without trusting its shape. Pure.
#pragma once

#include <warmwire/error.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// Answers nest a dozen levels deep at most; schemas and arguments of tools in them may add some. The same holds for
/// what a caller gives.
inline constexpr std::size_t max_json_depth = 64;

/// What a text may cost. What a caller gives is not bounded: it is the caller's own memory.
struct json_limits {
  std::size_t max_bytes = std::numeric_limits<std::size_t>::max();
  std::size_t max_values = std::numeric_limits<std::size_t>::max();

  friend bool operator==(const json_limits&, const json_limits&) = default;
};

/// For what a peer sent, where nothing else is said: an event of a stream, the body of an error. It is read in one go,
/// so that its values must not take long, however many of them a text of such a length could hold.
inline constexpr json_limits one_go{.max_bytes = std::size_t{16} << 20, .max_values = 250'000};

/// `forgiving` is for what a peer wrote, see `mended_json`, and within `one_go`; what a caller gave goes on as it is,
/// so it must be JSON.
enum class json_reading : std::uint8_t { forgiving, strict };

/// A parsed text and the memory that holds it. Beside the limits no object has more than 65,536 members, and no array
/// more than a million elements, since each is made at once, at its end.
class json_document {
 public:
  /// Of a peer's text, which is mended where that helps.
  explicit json_document(std::string_view text, json_limits limits = one_go);
  json_document(std::string_view text, json_reading how);
  /// Of a text that comes in pieces: `feed` all of them, then `end`. Nothing else may be asked before.
  explicit json_document(json_limits limits);
  json_document(const json_document&) = delete;
  json_document& operator=(const json_document&) = delete;
  ~json_document();

  /// False when it is no use to go on.
  bool feed(std::string_view piece);
  void end();

  /// Why the text is not JSON; empty when it is.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Whether that is that it nests deeper than `max_json_depth`.
  [[nodiscard]] bool is_too_deep() const noexcept { return is_too_deep_; }
  /// Whether `mended_json` may help: the text is no JSON, and neither too deep nor too large.
  [[nodiscard]] bool may_be_mended() const noexcept { return !problem_.empty() && !is_too_deep_ && !is_too_large_; }
  /// Whether that is that it goes beyond its limits.
  [[nodiscard]] bool is_too_large() const noexcept { return is_too_large_; }
  [[nodiscard]] const boost::json::value& root() const noexcept { return root_; }
  /// The root, where it is an object; else nullptr.
  [[nodiscard]] const boost::json::object* object() const noexcept { return root_.if_object(); }

 private:
  class growth;
  void read(std::string_view text, const json_limits& limits);
  void finish(growth& from);

  std::array<unsigned char, 4096> buffer_{};
  boost::json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
  boost::json::value root_ = boost::json::value(nullptr, boost::json::storage_ptr(&memory_));
  std::unique_ptr<growth> growth_;  // while pieces come
  std::string problem_;
  bool is_too_deep_ = false;
  bool is_too_large_ = false;
};

[[nodiscard]] bool is_json_object(std::string_view text);

/// What is wrong with a caller's JSON that must be an object: it is too deep, or it is `no_object`; empty when nothing
/// is.
[[nodiscard]] std::string problem_of_object(std::string_view text, std::string_view no_object);

/// The value of a field as text: a string as it is, a number in digits, null, structures and a missing one as nothing.
[[nodiscard]] std::string text_of(const boost::json::object& from, std::string_view field);
/// The same for strings, without a copy. Other values are nothing.
[[nodiscard]] std::string_view view_of(const boost::json::object& from, std::string_view field);
/// The field where it is an object, or an array; else nullptr. `from` may be nullptr.
[[nodiscard]] const boost::json::object* object_in(const boost::json::object* from, std::string_view field);
[[nodiscard]] const boost::json::array* array_in(const boost::json::object* from, std::string_view field);
/// A whole number, in digits or as a string of them; some servers write 12.0. Nothing where there is none.
[[nodiscard]] std::optional<std::int64_t> number_in(const boost::json::object& from, std::string_view field);
/// A count: the same, and a fraction counts for its whole part. What is no number, or negative, counts as nothing.
/// `from` may be nullptr.
[[nodiscard]] std::int64_t count_in(const boost::json::object* from, std::string_view field);

/// Lays `patch` over `body`, both objects (RFC 7396). The body may nest deeper than `max_json_depth` by what stands
/// around a schema in it.
/// Errors: `invalid_option`, when one of them is no object or too deep.
[[nodiscard]] result<std::string> merged(std::string_view body, std::string_view patch);
/// The same with the caller's `extra_json`, which may be empty.
[[nodiscard]] result<std::string> with_extra(std::string body, std::string_view extra_json);

}  // namespace warmwire::providers

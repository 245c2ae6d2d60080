// JSON that a peer wrote, read without trusting its shape. Pure.
#pragma once

#include <warmwire/error.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warmwire::providers {

/// Answers nest a dozen levels deep at most; schemas and arguments of tools in them may add some. The same holds for
/// what a caller gives.
inline constexpr std::size_t max_json_depth = 64;

/// `forgiving` is for what a peer wrote, see `mended_json`; what a caller gave goes on as it is, so it must be JSON.
enum class json_reading : std::uint8_t { forgiving, strict };

/// A parsed text and the memory that holds it.
class json_document {
 public:
  explicit json_document(std::string_view text, json_reading how = json_reading::forgiving);
  json_document(const json_document&) = delete;
  json_document& operator=(const json_document&) = delete;

  /// Why the text is not JSON; empty when it is.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Whether that is that it nests deeper than `max_json_depth`.
  [[nodiscard]] bool is_too_deep() const noexcept { return is_too_deep_; }
  [[nodiscard]] const boost::json::value& root() const noexcept { return root_; }
  /// The root, where it is an object; else nullptr.
  [[nodiscard]] const boost::json::object* object() const noexcept { return root_.if_object(); }

 private:
  std::array<unsigned char, 4096> buffer_{};
  boost::json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
  boost::json::value root_;
  std::string problem_;
  bool is_too_deep_ = false;
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

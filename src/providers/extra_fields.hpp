// The fields of an answer that no part has a place for, kept as JSON and sent back as they came. Pure.
#pragma once

#include "providers/json_document.hpp"
#include "providers/json_writer.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/message.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace warmwire::providers {

using field_names = std::initializer_list<std::string_view>;

/// What `message::maker` says of answers from there.
[[nodiscard]] std::string maker_of(const provider_config& config);

/// Whether what only its maker understands is sent to `asked`.
[[nodiscard]] inline bool is_for(const message& what, std::string_view asked) noexcept {
  return what.maker.empty() || what.maker == asked;
}

/// The fields of `from` but those of `named`.
[[nodiscard]] boost::json::object rest_in(const boost::json::object& from, field_names named);
/// As the text of an `extra`: empty when there are none.
[[nodiscard]] std::string extra_of(const boost::json::object& fields);

/// What stands in an `extra`, for a writer.
class extra_fields {
 public:
  explicit extra_fields(std::string_view extra) : document_(extra) {}

  /// Nullptr when there are none.
  [[nodiscard]] const boost::json::object* all() const noexcept { return document_.object(); }
  [[nodiscard]] bool has(std::string_view name) const { return all() != nullptr && all()->contains(name); }

  /// Writes all fields but those that were `written`.
  void write(json_writer& to, field_names written) const { write_fields(to, all(), written); }
  /// The same of an object among the fields; `from` may be nullptr.
  static void write_fields(json_writer& to, const boost::json::object* from, field_names written);

 private:
  const json_document document_;
};

/// Adds a piece of a streamed object to what came before: lists grow, and so do the strings whose names are those of
/// texts; objects are merged; other values replace, but for null and empty ones. Members of lists that are numbered by
/// `index` and of the same `type` are pieces of one.
void add_piece(boost::json::object& to, const boost::json::object& piece);

/// About what a tree takes.
[[nodiscard]] std::size_t memory_of(const boost::json::object& tree);

}  // namespace warmwire::providers

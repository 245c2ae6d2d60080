// What every decoder of a whole answer begins with. Pure.
#pragma once

#include "providers/json_document.hpp"
#include "providers/provider_error.hpp"

#include <optional>
#include <string>
#include <utility>

namespace warmwire::providers {

/// The body of a success, for a decoder to read: an object that is no error. Where it is not, `failure` says why.
class answer_body {
 public:
  /// `parsed` is the answer's body where that was read before, and must outlive this.
  answer_body(const provider_config& config, const response& answer, const json_document* parsed = nullptr)
      : config_(config), document_(parsed), is_success_(answer.status >= 200 && answer.status <= 299) {
    if (!is_success_) {
      failure_ = decode_error(config, answer_of(response(answer)));
      return;
    }
    if (document_ == nullptr) document_ = &own_.emplace(answer.body, config.answer_limits);
    if (document_->is_too_large()) {
      failure_ = too_large_to_read(config, answer_of(response(answer)));
    } else if (!document_->problem().empty()) {
      failure_ = failure_of_text(answer);
    } else if (document_->object() == nullptr) {
      failure_ = failure_of_list(answer);
    } else if (is_error(*document_->object())) {
      // Routers report an upstream's failure inside of a success.
      failure_ = error_in_success(config, answer_of(response(answer)),
                                  find_error_words(*document_->object()).value_or(error_words{}));
    }
  }
  answer_body(const answer_body&) = delete;
  answer_body& operator=(const answer_body&) = delete;

  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }
  /// Of a success whose body is a list, which is a failure for most; else nullptr.
  [[nodiscard]] const boost::json::array* list() const noexcept {
    return is_success_ ? document_->root().if_array() : nullptr;
  }
  [[nodiscard]] const boost::json::value& root() const noexcept { return document_->root(); }
  /// Of a success that is an error, whatever stands beside it; else nullptr.
  [[nodiscard]] const boost::json::object* failed_object() const noexcept {
    return is_success_ && failure_ ? document_->object() : nullptr;
  }
  /// Only where there is no failure.
  [[nodiscard]] const boost::json::object& object() const noexcept { return *document_->object(); }

  /// What is no answer may say why in a shape that is only an error where there is no answer.
  [[nodiscard]] error unexpected(const response& answer, std::string what) const {
    auto words = document_->object() == nullptr ? std::nullopt : find_error_words(*document_->object());
    if (words) return error_in_success(config_, answer_of(response(answer)), std::move(*words));
    return unexpected_body(config_, answer_of(response(answer)), std::move(what));
  }

 private:
  // An error may stand behind other text, or be an event.
  [[nodiscard]] error failure_of_text(const response& answer) const {
    auto words = find_error_words(std::string_view(answer.body));
    if (words) return error_in_success(config_, answer_of(response(answer)), std::move(*words));
    return unexpected(answer, "the body is not JSON (" + document_->problem() + ')');
  }

  // Google puts its errors into a list of one.
  [[nodiscard]] error failure_of_list(const response& answer) const {
    const auto* list = document_->root().if_array();
    auto words = list == nullptr ? std::nullopt : find_error_words(document_->root());
    if (!words) return unexpected(answer, "the body is no JSON object");
    return error_in_success(config_, answer_of(response(answer)), std::move(*words));
  }

  const provider_config& config_;
  std::optional<json_document> own_;
  const json_document* document_;  // nullptr of an answer that is no success
  const bool is_success_;
  std::optional<error> failure_;
};

}  // namespace warmwire::providers

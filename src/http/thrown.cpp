#include "http/thrown.hpp"

#include <new>
#include <string_view>
#include <utility>

namespace warmwire::http {

namespace {

constexpr std::size_t longest_words_of_exception = 200;

error internal_error(std::string_view what) {
  std::string message("an exception ended the call: ");
  message.append(what.substr(0, longest_words_of_exception));
  return {.code = errc::internal, .message = std::move(message)};
}

error explained(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const exception& own) {
    return own.reason();
  } catch (const std::bad_alloc&) {
    return {.code = errc::internal, .message = "memory ran out"};
  } catch (const std::exception& other) {
    return internal_error(other.what());
  } catch (...) {
    return internal_error("it is no std::exception");
  }
}

}  // namespace

error error_of(const std::exception_ptr& thrown) noexcept {
  try {
    return explained(thrown);
  } catch (...) {
    // Its words do not fit into memory.
    return {.code = errc::internal};
  }
}

}  // namespace warmwire::http

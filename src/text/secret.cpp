// How a secret goes without leaving its text behind. See <warmwire/secret.hpp>.
#include <warmwire/secret.hpp>

#include <string.h>  // explicit_bzero: the compiler may not leave it out

namespace warmwire {
namespace {

/// Also what the string held before it was as short as it is now. Allocates nothing.
void wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace

secret::secret(std::string text) : text_(std::move(text)) {
  wipe(text);  // a short text was copied
}

secret::secret(secret&& other) noexcept : text_(std::move(other.text_)) {
  wipe(other.text_);
}

secret& secret::operator=(const secret& other) {
  if (this != &other) *this = secret(other);
  return *this;
}

secret& secret::operator=(secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(text_);
  text_ = std::move(other.text_);
  wipe(other.text_);
  return *this;
}

secret::~secret() {
  wipe(text_);
}

}  // namespace warmwire

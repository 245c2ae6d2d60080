#include "providers/embed_vectors.hpp"

#include "providers/json_document.hpp"
#include "text/base64.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace warmwire::providers {
namespace {

namespace json = boost::json;

using maybe_vector = std::optional<std::vector<float>>;

maybe_vector numbers_in(const json::array& list) {
  std::vector<float> out;
  out.reserve(list.size());
  for (const auto& each : list) {
    json::error_code problem;
    out.push_back(static_cast<float>(each.to_number<double>(problem)));
    if (problem) return std::nullopt;
  }
  return out;
}

// Little-endian float32, whatever this machine has.
maybe_vector floats_in(std::string_view base64) {
  const auto bytes = text::from_base64(base64);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(float) != 0) return std::nullopt;
  std::vector<float> out(bytes->size() / sizeof(float));
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint32_t bits = 0;
    for (std::size_t k = sizeof(float); k-- > 0;)
      bits = bits << 8U | static_cast<unsigned char>((*bytes)[i * sizeof(float) + k]);
    out[i] = std::bit_cast<float>(bits);
  }
  return out;
}

// Of one text: an object, or the vector itself.
const json::value* vector_of(const json::value& item) {
  const auto* object = item.if_object();
  if (object == nullptr) return &item;
  const auto* values = object->if_contains("embedding");
  return values != nullptr ? values : object->if_contains("values");
}

std::vector<const json::value*> items_in(const json::value& body) {
  std::vector<const json::value*> out;
  const auto* object = body.if_object();
  const auto* list = object == nullptr ? body.if_array() : array_in(object, "data");
  if (list == nullptr) list = array_in(object, "embeddings");
  if (list != nullptr) {
    for (const auto& each : *list)
      out.push_back(&each);
  } else if (object != nullptr && object->contains("embedding")) {
    out.push_back(&body);
  }
  return out;
}

bool has_items(const json::value& body) {
  const auto* object = body.if_object();
  return object == nullptr || array_in(object, "data") != nullptr || array_in(object, "embeddings") != nullptr ||
         object->contains("embedding");
}

std::optional<std::int64_t> index_of(const json::value& item) {
  const auto* object = item.if_object();
  return object == nullptr ? std::nullopt : number_in(*object, "index");
}

// Where each vector belongs: by the numbers where each text has one, counted from 0 or from 1; by place where there are
// no numbers, or one for all. Nothing where they make no sense.
std::optional<std::vector<std::size_t>> places_of(const std::vector<const json::value*>& items) {
  std::vector<std::optional<std::int64_t>> numbers;
  for (const auto* each : items)
    numbers.push_back(index_of(*each));
  auto sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  const bool says_nothing = !sorted.empty() && (!sorted.front() || sorted.front() == sorted.back());
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (says_nothing) {
      out.push_back(i);
      continue;
    }
    const auto first = *sorted.front();
    if ((first != 0 && first != 1) || *sorted[i] != first + static_cast<std::int64_t>(i)) return std::nullopt;
    out.push_back(static_cast<std::size_t>(*numbers[i] - first));
  }
  return out;
}

}  // namespace

maybe_vector vector_in(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return floats_in(*text);
  const auto* list = value->if_array();
  // Nobody's vector has no numbers.
  if (list == nullptr || list->empty()) return std::nullopt;
  if (list->size() == 1 && list->front().is_array()) return numbers_in(list->front().get_array());
  return numbers_in(*list);
}

std::string read_openai_embed(const json::value& body, embed_reply& to) {
  if (!has_items(body)) return "data is missing or no array";
  const auto items = items_in(body);
  if (items.size() != to.vectors.size()) return "data holds another number of vectors than of texts that were sent";
  const auto places = places_of(items);
  if (!places) return "the vectors' numbers are not those of the texts that were sent";
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto made = vector_in(vector_of(*items[i]));
    if (!made) return "data[" + std::to_string(i) + "] is no vector of a text";
    to.vectors[(*places)[i]] = std::move(*made);
  }
  const auto* object = body.if_object();
  const auto* tokens = object_in(object, "usage");
  to.usage.input_tokens = count_in(tokens, "prompt_tokens");
  to.usage.total_tokens = count_in(tokens, "total_tokens");
  if (object != nullptr) to.model = view_of(*object, "model");
  return {};
}

}  // namespace warmwire::providers

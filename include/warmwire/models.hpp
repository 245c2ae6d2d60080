// The models that a provider offers, as plain values.
#pragma once

#include <warmwire/detail/visibility.hpp>
#include <warmwire/provider_answer.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace WARMWIRE_PUBLIC warmwire {

struct models_request {
  std::string provider{};  ///< empty: the client's own
  std::string page{};      ///< `model_list::next_page` of the list before; empty: the first
  std::optional<std::uint32_t> max_retries{};
  std::optional<std::chrono::milliseconds> timeout{};
};

struct model_info {
  std::string id;  ///< what `chat_request::model` takes
  std::string display_name;
  std::string owner;
};

struct model_list : provider_answer {
  std::vector<model_info> models;
  std::string next_page;  ///< empty: this is all
};

}  // namespace warmwire

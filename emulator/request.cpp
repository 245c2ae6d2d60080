// An HTTP request as it came.
#include "emulator/request.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace warmwire::emulator {

const std::string* request::find(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
    return boost::beast::iequals(header.first, boost::beast::string_view(name.data(), name.size()));
  });
  return found == headers.end() ? nullptr : &found->second;
}

std::string_view request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

request_parser::request_parser(request& into) : into_(into) {
  into_.headers.clear();
  into_.body.clear();
  header_limit(max_head_bytes);
  body_limit(max_body_bytes);
}

void request_parser::on_request_impl(boost::beast::http::verb, text method, text target, int version, error_code&) {
  into_.method.assign(method.data(), method.size());
  into_.target.assign(target.data(), target.size());
  into_.minor_version = static_cast<unsigned>(version) % 10;
}

void request_parser::on_field_impl(boost::beast::http::field, text name, text value, error_code&) {
  into_.headers.emplace_back(name, value);
}

std::size_t request_parser::on_body_impl(text bytes, error_code&) {
  into_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, text bytes, error_code& failure) {
  return on_body_impl(bytes, failure);
}

// What is left is nothing to us; a request parser never sees a response.
void request_parser::on_response_impl(int, text, int, error_code&) {}
void request_parser::on_header_impl(error_code&) {}
void request_parser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}
void request_parser::on_chunk_header_impl(std::uint64_t, text, error_code&) {}
void request_parser::on_finish_impl(error_code&) {}

}  // namespace warmwire::emulator

#include "connection/response_parser.hpp"

#include "connection/failure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace warmwire::connection {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// Beast's state machine, with what it finds written straight into the response_parser.
class response_parser::machine final : public http::basic_parser<false> {
 public:
  explicit machine(response_parser& owner, bool without_body) : owner_(owner) {
    eager(true);
    header_limit(max_header_section_bytes);
    body_limit(boost::none);  // the reader counts: it knows whether the body is kept or passed on
    skip(without_body);
  }

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] bool is_http_1_0() const noexcept { return version_ < 11; }
  /// HTTP/1.0 knows no transfer codings, so one in it leaves the end of the body in doubt (RFC 9112 §6.1).
  [[nodiscard]] bool is_persistent() const { return keep_alive() && !(has_coding_ && is_http_1_0()); }

 protected:
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, beast::error_code&) override {}

  void on_response_impl(int code, beast::string_view, int version, beast::error_code& ec) override {
    if (version != 10 && version != 11) ec = http::error::bad_version;
    if (code < 100) ec = http::error::bad_status;
    status_ = code;
    version_ = version;
  }

  void on_field_impl(http::field, beast::string_view name, beast::string_view value, beast::error_code& ec) override {
    // Beast's limit starts anew with each read: a section that comes in pieces is counted here.
    field_bytes_ += name.size() + value.size() + 4;
    if (field_bytes_ > max_header_section_bytes) {
      ec = http::error::header_limit;
      return;
    }
    // Trailer fields are not headers (RFC 9110 §6.5): they come after the head and are dropped.
    if (!is_header_done()) owner_.headers_.add(std::string(name), std::string(value));
  }

  void on_header_impl(beast::error_code& ec) override {
    // Beast only sees the contradiction when the coding is chunked; of any other it would take the length, where
    // whoever stands between may not have (RFC 9112 §6.3).
    has_coding_ = owner_.headers_.contains("transfer-encoding");
    if (has_coding_ && content_length()) ec = http::error::bad_transfer_encoding;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}

  std::size_t on_body_impl(beast::string_view bytes, beast::error_code&) override { return keep(bytes); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, beast::error_code&) override {
    return keep(bytes);
  }
  void on_finish_impl(beast::error_code&) override {}

 private:
  std::size_t keep(beast::string_view bytes) {
    owner_.body_.append(bytes.data(), bytes.size());
    owner_.body_bytes_ += bytes.size();
    return bytes.size();
  }

  response_parser& owner_;
  std::size_t field_bytes_ = 0;
  int status_ = 0;
  int version_ = 11;
  bool has_coding_ = false;
};

namespace {

error explain(const beast::error_code& ec, bool in_body) {
  if (ec == http::error::header_limit) {
    return failure(errc::header_section_too_large,
                   "the response's header section is over " + std::to_string(max_header_section_bytes) + " bytes");
  }
  if (ec == http::error::multiple_content_length || ec == http::error::bad_content_length ||
      ec == http::error::bad_transfer_encoding) {
    return failure(errc::conflicting_length,
                   "the response's Content-Length and Transfer-Encoding contradict each other or are no number");
  }
  if (in_body) return failure(errc::invalid_chunk, "the response's chunked coding is broken: " + ec.message());
  return failure(errc::malformed_response, "the response is not HTTP/1.x: " + ec.message());
}

}  // namespace

response_parser::response_parser() = default;
response_parser::~response_parser() = default;

void response_parser::restart() {
  machine_ = std::make_unique<machine>(*this, rules_.answers_head);
  headers_.clear();
}

void response_parser::begin(const response_rules& rules) {
  rules_ = rules;
  pending_.clear();
  body_.clear();
  body_bytes_ = 0;
  interim_ = 0;
  begun_ = false;
  leftover_ = false;
  restart();
}

void response_parser::release() {
  machine_.reset();
  pending_ = {};
  body_ = {};
  headers_ = {};
}

result<void> response_parser::feed(std::string_view bytes) {
  if (bytes.empty()) return {};
  begun_ = true;
  if (pending_.empty()) return put(bytes);
  auto joined = std::exchange(pending_, {});
  joined.append(bytes);
  // Beast has seen the last chunk's line and asserts that at least the empty line behind it comes whole.
  constexpr std::string_view last_chunk = "0\r\n";
  if (machine_->is_header_done() && joined.starts_with(last_chunk) && joined.size() < last_chunk.size() + 2) {
    pending_ = std::move(joined);
    return {};
  }
  return put(joined);
}

/// Beast waits for a whole line before it looks: a peer that speaks another protocol and waits would be waited for.
bool response_parser::may_be_http(std::string_view bytes) const {
  constexpr std::string_view start = "HTTP/1.";
  return machine_->status() != 0 || bytes.substr(0, start.size()) == start.substr(0, bytes.size());
}

result<void> response_parser::put(std::string_view bytes) {
  while (!bytes.empty()) {
    if (machine_->is_done()) {
      leftover_ = true;
      return {};
    }
    if (!may_be_http(bytes)) return explain(http::error::bad_version, false);
    const bool in_body = machine_->is_header_done();
    beast::error_code ec;
    bytes.remove_prefix(machine_->put(boost::asio::buffer(bytes.data(), bytes.size()), ec));
    if (ec && ec != http::error::need_more) return explain(ec, in_body || machine_->is_header_done());
    if (machine_->is_done() && machine_->status() / 100 == 1) {
      if (machine_->status() == 101) return failure(errc::malformed_response, "the server switched protocols unasked");
      if (++interim_ > max_interim_responses) {
        return failure(errc::malformed_response,
                       "more than " + std::to_string(max_interim_responses) + " interim responses");
      }
      restart();
      continue;
    }
    if (ec == http::error::need_more) break;
  }
  if (machine_->is_done()) {
    leftover_ = leftover_ || !bytes.empty();
    return {};
  }
  if (bytes.size() > max_header_section_bytes) {
    return failure(errc::invalid_chunk,
                   "a chunk's header is over " + std::to_string(max_header_section_bytes) + " bytes");
  }
  pending_.assign(bytes);
  return {};
}

result<void> response_parser::feed_end(ending how) {
  if (!begun_) return failure(errc::connection_lost, "the server closed the connection without a response");
  if (machine_->is_done()) return {};
  const bool to_the_end = machine_->is_header_done() && machine_->need_eof();
  if (!to_the_end || how == ending::truncatable) {
    return failure(errc::stream_interrupted, "the server closed the connection in the middle of the response");
  }
  beast::error_code ec;
  machine_->put_eof(ec);
  if (ec) return explain(ec, true);
  return {};
}

bool response_parser::has_begun() const noexcept {
  return begun_;
}
bool response_parser::is_under_way() const noexcept {
  return machine_->status() != 0 || !pending_.empty();
}
bool response_parser::is_head_done() const noexcept {
  return machine_->is_header_done() && machine_->status() / 100 != 1;
}
bool response_parser::is_done() const noexcept {
  return is_head_done() && machine_->is_done();
}
bool response_parser::has_leftover() const noexcept {
  return leftover_;
}
bool response_parser::is_persistent() const noexcept {
  return is_done() && machine_->is_persistent();
}
int response_parser::status() const noexcept {
  return machine_->status();
}
bool response_parser::is_http_1_0() const noexcept {
  return machine_->is_http_1_0();
}
warmwire::headers& response_parser::headers() noexcept {
  return headers_;
}
std::string& response_parser::body() noexcept {
  return body_;
}
std::uint64_t response_parser::body_bytes() const noexcept {
  return body_bytes_;
}

std::optional<std::uint64_t> response_parser::remaining() const noexcept {
  if (is_done()) return 0;
  if (!is_head_done()) return std::nullopt;
  const auto left = machine_->content_length_remaining();
  if (!left) return std::nullopt;
  return *left;
}

}  // namespace warmwire::connection

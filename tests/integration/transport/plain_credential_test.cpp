// A credential that goes over plain http to a public host is warned of, once for each, and nothing else is.
#include "../scripted_resolver.hpp"
#include "wire.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace warmwire::test::plain_credential_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

emulator::emulator_options without_tls() {
  emulator::emulator_options options;
  options.tls = false;
  return options;
}

class plain_credential : public ::testing::Test {
 protected:
  plain_credential() {
    for (const auto* each : {"api.example", "other.example", "box.local"})
      names_.set(each, resolved{.addresses = {"127.0.0.1"}});
    transport_options options;
    options.resolver = names_.function();
    options.defaults.idle_timeout = 0ms;  // or the loop would run for as long as a connection is idle
    options.defaults.proxy = proxy_options{.use_environment = false};
    options.on_warning = [this](std::string_view text) { warnings_.emplace_back(text); };
    options.log = [this](std::string_view line) {
      if (line.starts_with("warning: ")) logged_.emplace_back(line);
    };
    pools_.emplace(loop_.get_executor(), options);
  }

  void send(const std::string& host, headers fields, std::vector<std::string> secret_names = {}) {
    request message;
    message.url = "http://" + host + ':' + std::to_string(server_.port()) + "/bytes/1";
    message.headers = std::move(fields);
    message.secret_headers = std::move(secret_names);
    std::optional<result<response>> got;
    pools_->async_send(std::move(message), [&](result<response> outcome) { got.emplace(std::move(outcome)); });
    loop_.restart();
    loop_.run_for(hang);
    ASSERT_TRUE(got);
    EXPECT_TRUE(*got) << got->error().to_string();
  }

  emulator::server server_{without_tls()};
  scripted_resolver names_;
  boost::asio::io_context loop_{1};
  std::vector<std::string> warnings_;
  std::vector<std::string> logged_;
  std::optional<transport> pools_;
};

TEST_F(plain_credential, is_warned_of_once_for_each_host_by_callback_and_by_log) {
  for (int i = 0; i < 3; ++i)
    send("api.example", {{"Authorization", "Bearer k"}});
  send("other.example", {{"x-mine", "k"}}, {"X-Mine"});
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("http://api.example:"), HasSubstr("http://other.example:")));
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("http://api.example:"), HasSubstr("http://other.example:")));
}

TEST_F(plain_credential, is_not_warned_of_on_private_networks_nor_where_there_is_none) {
  send("box.local", {{"Authorization", "Bearer k"}});
  send("127.0.0.1", {{"x-api-key", "k"}});
  send("api.example", {{"Accept", "text/plain"}});
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace warmwire::test::plain_credential_test

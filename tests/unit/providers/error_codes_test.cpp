// What the words of an error that came with a success mean, and whether such a call is tried again.
#include "providers/error_codes.hpp"

#include "providers/provider_error.hpp"
#include "providers/retry_policy.hpp"
#include "tests/unit/providers/fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace warmwire::providers::error_codes_test {
namespace {

TEST(code_for_words, knows_what_providers_document) {
  const std::vector<std::pair<error_words, errc>> table{
      {{.code = "502"}, errc::server_error},
      {{.code = "429"}, errc::rate_limited},
      {{.code = "408"}, errc::gateway_timeout},
      {{.type = "requests", .code = "rate_limit_exceeded"}, errc::rate_limited},
      {{.type = "insufficient_quota"}, errc::rate_limited},
      {{.type = "overloaded_error"}, errc::overloaded},
      {{.type = "server_error", .code = "overloaded"}, errc::service_unavailable},
      {{.type = "authentication_error"}, errc::authentication},
      {{.type = "invalid_request_error", .code = "context_length_exceeded"}, errc::bad_request},
      {{.type = "UNAVAILABLE"}, errc::service_unavailable},
      {{.type = "DEADLINE_EXCEEDED"}, errc::gateway_timeout},
      {{.type = "api_error", .code = "nothing known"}, errc::server_error},
  };
  for (const auto& [words, code] : table)
    EXPECT_EQ(code_for_words(words), code) << words.type << words.code;
}

TEST(code_for_words, knows_words_however_they_are_written) {
  const std::vector<std::pair<std::string, errc>> table{{"InternalServerError", errc::server_error},
                                                        {"Internal Server Error", errc::server_error},
                                                        {"internal_error", errc::server_error},
                                                        {"RateLimitError", errc::rate_limited},
                                                        {"Too Many Requests", errc::rate_limited},
                                                        {"engine_overloaded", errc::overloaded},
                                                        {"unavailable_error", errc::service_unavailable},
                                                        {"vector_store_timeout", errc::gateway_timeout},
                                                        {"request timed out", errc::gateway_timeout},
                                                        {"BadRequestError", errc::bad_request},
                                                        {"NotFoundError", errc::not_found},
                                                        {"PermissionDeniedError", errc::permission_denied},
                                                        {"PaymentRequired", errc::billing},
                                                        {"API_KEY_INVALID", errc::authentication},
                                                        {"invalid_image_format", errc::bad_request},
                                                        {"image_content_policy_violation", errc::bad_request},
                                                        {"content_filter", errc::bad_request}};
  for (const auto& [word, code] : table) {
    EXPECT_EQ(code_for_words({.code = word}), code) << word;
    EXPECT_EQ(code_for_words({.type = word}), code) << word;
    EXPECT_EQ(code_for_words({.type = word, .code = "no word"}), code) << word;
  }
}

TEST(code_for_words, promises_nothing_of_what_it_does_not_know) {
  for (const auto* word : {"something new", "200", "1100", "503x", "-503", "99999999999999999999", "é"}) {
    EXPECT_EQ(code_for_words({.code = word}), errc::unexpected_body) << word;
    EXPECT_EQ(code_for_words({.type = word}), errc::unexpected_body) << word;
  }
  EXPECT_EQ(code_for_words({}), errc::unexpected_body);
  EXPECT_EQ(code_for_words({.unnamed = errc::server_error}), errc::server_error);
  EXPECT_EQ(code_for_words({.code = "new", .unnamed = errc::server_error}), errc::unexpected_body);
}

TEST(code_for_words, believes_a_type_that_is_final_more_than_a_status_that_is_not) {
  EXPECT_EQ(code_for_words({.type = "content_filter", .code = "500"}), errc::bad_request);
  EXPECT_EQ(code_for_words({.type = "invalid_api_key", .code = "503"}), errc::authentication);
  EXPECT_EQ(code_for_words({.type = "server_error", .code = "503"}), errc::service_unavailable);
  EXPECT_EQ(code_for_words({.type = "server_error", .code = "400"}), errc::bad_request);
  EXPECT_EQ(code_for_words({.type = "something new", .code = "500"}), errc::server_error);
}

bool is_tried_again(const std::string& error) {
  const auto reply = decode_chat(testing::config_of("openai"), testing::success(R"({"error":)" + error + "}"));
  EXPECT_FALSE(reply);
  return is_retryable(reply.error());
}

TEST(error_in_success, is_tried_again_only_where_it_is_known_to_pass) {
  for (const auto* error :
       {R"({"type":"server_error"})", R"({"type":"overloaded_error"})", R"({"code":"rate_limit_exceeded"})",
        R"({"type":"timeout_error"})", R"({"status":"UNAVAILABLE"})", R"({"status":"INTERNAL"})", R"({"code":502})",
        R"({"code":"429"})", R"({"code":408})", R"({"type":"None","code":"500"})"})
    EXPECT_TRUE(is_tried_again(error)) << error;
  for (const auto* error :
       {R"({"code":"content_filter"})", R"({"type":"content_policy"})", R"({"code":"invalid_api_key"})",
        R"({"code":"something_new"})", R"({"type":"something new"})", R"({"message":"no words"})", R"("a text")",
        R"({"code":400})", R"({"code":1234})", R"({"type":"content_filter","code":500})",
        R"({"type":"insufficient_quota","code":429})", R"({"type":"billing_error"})", "{}"})
    EXPECT_FALSE(is_tried_again(error)) << error;
}

TEST(error_in_success, of_a_response_that_failed_without_a_word_is_the_servers) {
  const auto failed = decode_chat(testing::config_of("openai", openai_api::responses),
                                  testing::success(R"({"status":"failed","output":[],"error":null})"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::server_error);
  EXPECT_EQ(failed.error().message, "the response was failed");
}

}  // namespace
}  // namespace warmwire::providers::error_codes_test

#include "tests/unit/providers/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace warmwire::providers::embed_test {
namespace {

using testing::config_of;
using ::testing::ElementsAre;
using testing::parsed;
using testing::success;

embed_request of_texts(std::vector<std::string> texts) {
  embed_request out;
  out.model = "text-embedding-3-small";
  out.input = std::move(texts);
  return out;
}

std::string body_of(const std::string& provider, const embed_request& what) {
  return std::get<std::string>(encode_embed(config_of(provider), what).value().body);
}

TEST(embed, asks_for_base64_as_the_official_clients_do) {
  auto what = of_texts({"a", "b"});
  what.dimensions = 3;
  what.extra_json = R"({"user":"u"})";
  const auto made = encode_embed(config_of("openai"), what);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->url, "https://api.openai.com/v1/embeddings");
  EXPECT_EQ(parsed(std::get<std::string>(made->body)),
            parsed(R"({"model":"text-embedding-3-small","input":["a","b"],"dimensions":3,"encoding_format":"base64",
                       "user":"u"})"));
  EXPECT_EQ(body_of("mistral", of_texts({"a"})), R"({"model":"text-embedding-3-small","input":"a"})");
}

TEST(embed, is_the_same_call_for_a_client_of_openais_responses) {
  const auto config = config_of("openai", openai_api::responses);
  const auto made = encode_embed(config, of_texts({"a"}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->method, "POST");
  EXPECT_EQ(made->url, "https://api.openai.com/v1/embeddings");
  EXPECT_EQ(std::get<std::string>(made->body),
            R"({"model":"text-embedding-3-small","input":"a","encoding_format":"base64"})");
  const auto reply = decode_embed(config, 1, success(R"({"data":[{"index":0,"embedding":"AACAPwAAIMA="}]})"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_THAT(reply->vectors.at(0), ElementsAre(1.0F, -2.5F));
}

TEST(embed, reads_base64_and_numbers_in_any_order) {
  // 1.0f, -2.5f as little-endian float32
  const auto reply = decode_embed(config_of("openai"), 2, success(R"({"data":[
      {"index":1,"embedding":[0.5,1,-3e2]},{"index":0,"embedding":"AACAPwAAIMA="}],"model":"m",
      "usage":{"prompt_tokens":4,"total_tokens":4}})"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_THAT(reply->vectors.at(0), ElementsAre(1.0F, -2.5F));
  EXPECT_THAT(reply->vectors.at(1), ElementsAre(0.5F, 1.0F, -300.0F));
  EXPECT_EQ(reply->usage.input_tokens, 4);
  EXPECT_EQ(reply->model, "m");
  EXPECT_EQ(reply->request_id, "req-1");
}

TEST(embed, refuses_answers_that_are_no_vector_for_each_text) {
  for (const auto* body :
       {"{}", R"({"data":[]})", R"({"data":[{"index":0,"embedding":"AACAPw"},{"index":0,"embedding":[]}]})",
        R"({"data":[{"index":0,"embedding":"AA=="},{"index":1,"embedding":[]}]})",
        R"({"data":[{"index":0,"embedding":["a"]},{"index":1,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":9,"embedding":[1]}]})",
        R"({"data":[{"index":2,"embedding":[1]},{"index":3,"embedding":[1]}]})",
        R"({"data":[{"index":-1,"embedding":[1]},{"index":0,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":null}]})",
        R"({"data":[{"index":0,"embedding":[1]}]})", R"({"data":null})", "[]", "[[1],7]", R"([{"error":"no"},{}])",
        R"({"data":[7,{"index":1,"embedding":[1]}]})"}) {
    const auto reply = decode_embed(config_of("openai"), 2, success(body));
    ASSERT_FALSE(reply) << body;
    EXPECT_EQ(reply.error().code, errc::unexpected_body);
  }
}

TEST(embed, takes_vectors_in_the_forms_that_servers_give_them) {
  const std::vector<std::string> forms{
      R"({"data":[{"index":null,"embedding":[1]},{"index":null,"embedding":[2]}]})",
      R"({"data":[{"embedding":[1]},{"embedding":[2]}]})",
      R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]})",
      R"({"data":[{"index":0,"embedding":[1]},{"embedding":[2]}]})",
      R"({"data":[{"index":1,"embedding":[1]},{"index":2,"embedding":[2]}]})",
      R"({"data":[{"index":2,"embedding":[2]},{"index":1,"embedding":[1]}]})",
      R"({"data":[{"index":"1","embedding":[2]},{"index":"0","embedding":[1]}]})",
      R"({"data":[{"index":1.0,"embedding":[2]},{"index":0.0,"embedding":[1]}]})",
      R"({"data":[{"index":0,"embedding":[[1]]},{"index":1,"embedding":[[2]]}]})",
      R"({"data":[[1],[2]]})",
      R"({"embeddings":[[1],[2]],"model":"m"})",
      R"([{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}])",
      R"([{"index":0,"embedding":[[1]]},{"index":1,"embedding":[[2]]}])",
      "[[1],[2]]",
      "\xEF\xBB\xBF[[1.0],[2.0]]",
  };
  for (const auto& each : forms) {
    const auto reply = decode_embed(config_of("openai"), 2, success(each));
    ASSERT_TRUE(reply) << each << ": " << reply.error().message;
    EXPECT_THAT(reply->vectors, ElementsAre(ElementsAre(1.0F), ElementsAre(2.0F))) << each;
    EXPECT_EQ(reply->raw_body, each);
  }
  for (const auto* each : {R"({"embedding":[1,2]})", R"({"data":[{"index":7,"embedding":[1,2]}]})", "[[1,2]]",
                           R"([{"embedding":[1,2]}])"}) {
    const auto reply = decode_embed(config_of("openai"), 1, success(each));
    ASSERT_TRUE(reply) << each << ": " << reply.error().message;
    EXPECT_THAT(reply->vectors.at(0), ElementsAre(1.0F, 2.0F)) << each;
  }
  auto refused = success("[[1],[2]]");
  refused.status = 500;
  EXPECT_EQ(decode_embed(config_of("openai"), 2, std::move(refused)).error().code, errc::server_error);
}

TEST(embed, knows_when_it_is_base64_that_is_refused) {
  const auto what = of_texts({"a"});
  const auto unsaid = encode_embed(config_of("openai"), what, vector_form::unsaid);
  ASSERT_TRUE(unsaid);
  EXPECT_EQ(std::get<std::string>(unsaid->body), R"({"model":"text-embedding-3-small","input":"a"})");
  const auto refuses = [](int status, const std::string& body) {
    auto answer = success(body);
    answer.status = status;
    const auto reply = decode_embed(config_of("openai"), 1, std::move(answer));
    return !reply && refuses_base64(reply.error());
  };
  EXPECT_TRUE(refuses(400, R"({"error":{"message":"unknown field","param":"encoding_format"}})"));
  EXPECT_TRUE(refuses(422, R"({"detail":[{"loc":["body","encoding_format"],"msg":"extra"}]})"));
  EXPECT_TRUE(refuses(500, R"({"error":"base64 is not supported"})"));
  EXPECT_FALSE(refuses(400, R"({"error":{"message":"unknown model"}})"));
  EXPECT_FALSE(refuses(200, R"({"data":[],"note":"base64"})"));
}

TEST(embed, lays_raw_fields_over_each_request_of_a_batch_of_geminis) {
  embed_request what{.model = "gemini-embedding-001", .input = {"a"}, .extra_json = R"({"title":"t"})"};
  EXPECT_EQ(parsed(body_of("google", what)),
            parsed(R"({"content":{"parts":[{"text":"a"}],"role":"user"},"title":"t"})"));
  what.input.emplace_back("b");
  EXPECT_EQ(parsed(body_of("google", what)), parsed(R"({"requests":[
    {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}],"role":"user"},"title":"t"},
    {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}],"role":"user"},"title":"t"}]})"));
}

TEST(embed, asks_gemini_for_one_or_for_a_batch) {
  embed_request what;
  what.model = "gemini-embedding-001";
  what.input = {"a"};
  what.task_type = "RETRIEVAL_QUERY";
  what.dimensions = 8;
  const auto one = encode_embed(config_of("google"), what);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->url, "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:embedContent");
  EXPECT_EQ(
      std::get<std::string>(one->body),
      R"({"content":{"parts":[{"text":"a"}],"role":"user"},"taskType":"RETRIEVAL_QUERY","outputDimensionality":8})");
  what.input.emplace_back("b");
  what.task_type.clear();
  what.dimensions.reset();
  const auto batch = encode_embed(config_of("google"), what);
  EXPECT_EQ(batch->url,
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents");
  EXPECT_EQ(std::get<std::string>(batch->body),
            R"({"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}],"role":"user"}},)"
            R"({"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}],"role":"user"}}]})");
  EXPECT_THAT(decode_embed(config_of("google"), 1, success(R"({"embedding":{"values":[1,2]}})"))->vectors,
              ElementsAre(ElementsAre(1.0F, 2.0F)));
  EXPECT_THAT(
      decode_embed(config_of("google"), 2, success(R"({"embeddings":[{"values":[1]},{"values":[2]}]})"))->vectors,
      ElementsAre(ElementsAre(1.0F), ElementsAre(2.0F)));
  EXPECT_EQ(decode_embed(config_of("google"), 2, success(R"({"embeddings":[{"values":[1]}]})")).error().code,
            errc::unexpected_body);
}

TEST(embed, says_what_cannot_be_asked) {
  const auto refused = [](const std::string& provider, const embed_request& what) {
    return encode_embed(config_of(provider), what).error();
  };
  EXPECT_EQ(refused("anthropic", of_texts({"a"})).code, errc::unsupported_call);
  EXPECT_EQ(refused("anthropic", of_texts({"a"})).message, "anthropic has no embed: it speaks Anthropic's Messages");
  EXPECT_EQ(refused("openai", of_texts({})).message, "input is empty; it must hold at least one text");
  EXPECT_EQ(refused("openai", of_texts({"a", "\xff"})).message, "input[1] is not UTF-8; it must be");
  auto what = of_texts({"a"});
  what.dimensions = 0;
  EXPECT_EQ(refused("openai", what).message, "dimensions is 0; it must be at least 1");
  what.dimensions.reset();
  what.task_type = "X";
  EXPECT_EQ(refused("openai", what).code, errc::invalid_option);
  what.task_type.clear();
  what.model.clear();
  EXPECT_EQ(refused("openai", what).code, errc::invalid_option);
}

TEST(models, are_listed_in_the_forms_that_servers_give_them) {
  const std::vector<std::pair<std::string, std::string>> forms{
      {R"([{"id":"meta/llama","object":"model","organization":"Meta"},{"id":"qwen"}])", "meta/llama|Meta qwen|"},
      {R"({"data":[{"id":"a","owned_by":"o","organization":"p"}]})", "a|o"},
      {R"({"object":"list","data":null})", ""},
      {R"({"data":[]})", ""},
      {"[]", ""},
      {R"({"models":[{"name":"llama3:8b","model":"llama3:8b"}]})", "llama3:8b|"},
      {R"({"models":["a","b"]})", "a| b|"},
      {R"({"models":[{"name":"x"}],"data":[{"id":"y"}]})", "y|"},
  };
  for (const auto& [body, expected] : forms) {
    const auto list = decode_models(config_of("openai"), success(body));
    ASSERT_TRUE(list) << body << ": " << list.error().message;
    std::string got;
    for (const auto& each : list->models)
      got.append(got.empty() ? "" : " ").append(each.id).append("|").append(each.owner);
    EXPECT_EQ(got, expected) << body;
  }
  EXPECT_TRUE(decode_models(config_of("anthropic"), success(R"({"data":null})")));
  EXPECT_TRUE(decode_models(config_of("google"), success(R"({"models":null})")));
  for (const auto* body : {"{}", "7", R"({"data":7})", R"([{"error":{"message":"no"}}])"})
    EXPECT_FALSE(decode_models(config_of("openai"), success(body))) << body;
  auto refused = success("[]");
  refused.status = 404;
  EXPECT_EQ(decode_models(config_of("openai"), std::move(refused)).error().code, errc::not_found);
}

TEST(models, are_listed_as_each_provider_does) {
  const auto openai = encode_models(config_of("openai"), {});
  EXPECT_EQ(openai->method, "GET");
  EXPECT_EQ(openai->url, "https://api.openai.com/v1/models");
  EXPECT_FALSE(openai->headers.contains("content-type"));
  EXPECT_EQ(encode_models(config_of("anthropic"), {.page = "a b"})->url,
            "https://api.anthropic.com/v1/models?after_id=a%20b");
  EXPECT_EQ(encode_models(config_of("google"), {.page = "t&u"})->url,
            "https://generativelanguage.googleapis.com/v1beta/models?pageToken=t%26u");

  const auto list = decode_models(config_of("openai"), success(R"({"data":[{"id":"gpt-x","owned_by":"o"},7]})"));
  ASSERT_EQ(list->models.size(), 1U);
  EXPECT_EQ(list->models[0].id, "gpt-x");
  EXPECT_EQ(list->models[0].owner, "o");
  const auto responses = config_of("openai", openai_api::responses);
  EXPECT_EQ(encode_models(responses, {})->url, "https://api.openai.com/v1/models");
  EXPECT_EQ(decode_models(responses, success(R"({"data":[{"id":"gpt-x"}]})"))->models.at(0).id, "gpt-x");
  const auto page =
      decode_models(config_of("anthropic"),
                    success(R"({"data":[{"id":"claude-x","display_name":"X"}],"has_more":true,"last_id":"l"})"));
  EXPECT_EQ(page->models.at(0).display_name, "X");
  EXPECT_EQ(page->next_page, "l");
  EXPECT_EQ(decode_models(config_of("anthropic"), success(R"({"data":[],"has_more":false,"last_id":"l"})"))->next_page,
            "");
  const auto google = decode_models(
      config_of("google"), success(R"({"models":[{"name":"models/gemini-x","displayName":"G"}],"nextPageToken":"t"})"));
  EXPECT_EQ(google->models.at(0).id, "gemini-x");
  EXPECT_EQ(google->next_page, "t");
  EXPECT_EQ(decode_models(config_of("google"), success("{}")).error().code, errc::unexpected_body);
}

}  // namespace
}  // namespace warmwire::providers::embed_test

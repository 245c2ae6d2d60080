// The embeddings of OpenAI and Gemini.
#include "emulator/api/embedding.hpp"
#include "tests/unit/emulator/api/api_calls.hpp"

#include <cmath>

namespace warmwire::emulator::embeddings_test {
namespace {

using testing::answer_to;
using testing::json_of;
using testing::success_of;
using testing::text_at;

constexpr auto path = "/v1/embeddings";

double length_of(const boost::json::array& values) {
  double squares = 0;
  for (const auto& each : values)
    squares += each.to_number<double>() * each.to_number<double>();
  return std::sqrt(squares);
}

TEST(openai_embeddings, are_unit_vectors_of_the_dimensions_asked_for) {
  const auto said = success_of(path, R"({"model":"text-embedding-3-small","input":["a b","c"],"dimensions":8})");
  ASSERT_EQ(said.at("data").as_array().size(), 2U);
  const auto& values = said.at_pointer("/data/0/embedding").as_array();
  EXPECT_EQ(values.size(), 8U);
  EXPECT_NEAR(length_of(values), 1, 1e-5);
  EXPECT_EQ(said.at_pointer("/usage/total_tokens").to_number<int>(), 3);
}

TEST(openai_embeddings, have_the_dimensions_of_their_model) {
  const auto size = [](const std::string& model) {
    return success_of(path, R"({"model":")" + model + R"(","input":"a"})")
        .at_pointer("/data/0/embedding")
        .as_array()
        .size();
  };
  EXPECT_EQ(size("text-embedding-3-small"), 1536U);
  EXPECT_EQ(size("text-embedding-3-large"), 3072U);
}

TEST(openai_embeddings, are_little_endian_floats_in_base64_when_asked) {
  EXPECT_EQ(floats_as_base64({1.0F, -2.0F}), "AACAPwAAAMA=");
  const auto said = success_of(path, R"({"model":"m","input":"a","dimensions":2,"encoding_format":"base64"})");
  EXPECT_EQ(text_at(said, "/data/0/embedding"), floats_as_base64(embedding_of("a", 2)));
}

TEST(openai_embeddings, refuse_what_the_api_would) {
  for (const std::string_view wrong :
       {R"({"model":"m"})", R"({"model":"m","input":[]})", R"({"model":"m","input":""})", R"({"model":"m","input":{}})",
        R"({"model":"m","input":"x","dimensions":0})", R"({"model":"m","input":"x","encoding_format":"hex"})"}) {
    EXPECT_EQ(answer_to(path, std::string(wrong)).status, 400U) << wrong;
  }
}

TEST(gemini_embeddings, come_alone_and_in_a_batch) {
  const std::string model = "/v1beta/models/gemini-embedding-001:";
  const auto one =
      success_of(model + "embedContent", R"({"content":{"parts":[{"text":"a"}]},"outputDimensionality":4})");
  const auto batch = success_of(model + "batchEmbedContents",
                                R"({"requests":[
      {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"outputDimensionality":4},
      {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}]},"outputDimensionality":4}]})");
  EXPECT_EQ(one.at_pointer("/embedding/values").as_array().size(), 4U);
  EXPECT_EQ(batch.at("embeddings").as_array().size(), 2U);
  EXPECT_EQ(one.at_pointer("/embedding/values"), batch.at_pointer("/embeddings/0/values"));
}

TEST(gemini_embeddings, refuse_what_the_api_would) {
  const std::string model = "/v1beta/models/gemini-embedding-001:";
  EXPECT_EQ(answer_to(model + "embedContent", R"({"taskType":"x"})").status, 400U);
  EXPECT_EQ(answer_to(model + "batchEmbedContents", R"({"requests":[]})").status, 400U);
}

}  // namespace
}  // namespace warmwire::emulator::embeddings_test

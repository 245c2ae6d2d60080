// What a model said goes back to its provider as it came, for each API and each kind of block, whole and streamed; and
// nothing of it that only its maker understands goes to another.
#include "tests/unit/providers/fixture.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace warmwire::providers::history_test {
namespace {

namespace json = boost::json;

using testing::ask;
using testing::config_at;
using testing::config_of;
using testing::parsed;
using testing::run_stream;
using testing::sent;
using testing::success;

struct block {
  std::string name;
  std::string came;  // as JSON; the word "secret" stands in what is for its maker alone
};

std::string event_of(const json::value& data, std::string_view name = {}) {
  std::string out;
  if (!name.empty()) out.append("event: ").append(name).append("\n");
  return out.append("data: ").append(json::serialize(data)).append("\n\n");
}

// A text in two pieces.
std::vector<std::string> halves(std::string_view text) {
  const auto middle = text.size() / 2;
  return {std::string(text.substr(0, middle)), std::string(text.substr(middle))};
}

// The body of the request that goes on after `answer`.
json::value next_request(const provider_config& config, const message& answer) {
  auto chat = ask("go on");
  chat.messages.insert(chat.messages.begin(), {{role::user, "hello"}, answer});
  return parsed(sent(config, chat));
}

// One API: how a block comes, and what of a request is its answer.
struct spoken_api {
  provider_config config;
  std::vector<block> blocks;
  std::function<std::string(const json::value& block)> whole;
  std::vector<std::function<std::string(const json::value& block)>> streams;
  std::function<json::value(const json::value& request)> answer_in;
};

void expect_round_trips(const spoken_api& api) {
  for (const auto& each : api.blocks) {
    SCOPED_TRACE(each.name);
    const auto came = parsed(each.came);
    const auto whole = decode_chat(api.config, success(api.whole(came)));
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(api.answer_in(next_request(api.config, whole->message)), came) << "whole";
    for (std::size_t i = 0; i < api.streams.size(); ++i) {
      const auto text = api.streams[i](came);
      const auto streamed = run_stream(api.config, text);
      ASSERT_TRUE(streamed.is_finished) << i << ": " << text << "\n" << streamed.failure->message;
      EXPECT_EQ(api.answer_in(next_request(api.config, streamed.reply.message)), came) << "stream " << i << text;
    }
    for (const auto& other : {config_of("openai"), config_of("openai", openai_api::responses), config_of("anthropic"),
                              config_of("google"), config_of("deepseek")}) {
      if (other.provider == api.config.provider && other.api == api.config.api) continue;
      const auto request = json::serialize(next_request(other, whole->message));
      EXPECT_THAT(request, ::testing::Not(::testing::HasSubstr("secret"))) << other.provider;
    }
  }
}

// ---- Anthropic

std::vector<block> anthropic_kinds() {
  return {
      {"text", R"({"type":"text","text":"Hello you"})"},
      {"text without citations", R"({"type":"text","text":"Hello you","citations":null})"},
      {"text with citations",
       R"({"type":"text","text":"Hello you","citations":[{"type":"web_search_result_location","url":"u","title":"t",
       "encrypted_index":"secret","cited_text":"c"},{"type":"char_location","cited_text":"d","document_index":0}]})"},
      {"thinking", R"({"type":"thinking","thinking":"I think","signature":"secret"})"},
      {"thinking that is not shown", R"({"type":"thinking","thinking":"","signature":"secret"})"},
      {"redacted_thinking", R"({"type":"redacted_thinking","data":"secret"})"},
      {"tool_use", R"({"type":"tool_use","id":"toolu_1","name":"get_time","input":{"city":"Oslo","n":[1,2.5,null]}})"},
      {"tool_use with nothing", R"({"type":"tool_use","id":"toolu_1","name":"get_time","input":{}})"},
      {"tool_use by code",
       R"({"type":"tool_use","id":"toolu_1","name":"get_time","input":{"city":"Oslo"},
       "caller":{"type":"code_execution_20250825","tool_id":"secret"}})"},
      {"server_tool_use", R"({"type":"server_tool_use","id":"secret","name":"web_search","input":{"query":"x"}})"},
      {"web_search_tool_result",
       R"({"type":"web_search_tool_result","tool_use_id":"secret","content":[{"type":"web_search_result","url":"u",
       "title":"t","encrypted_content":"secret","page_age":null}]})"},
      {"web_search_tool_result of an error",
       R"({"type":"web_search_tool_result","tool_use_id":"secret","content":{"type":"web_search_tool_result_error",
       "error_code":"max_uses_exceeded"}})"},
      {"code_execution_tool_result",
       R"({"type":"code_execution_tool_result","tool_use_id":"secret","content":{"type":"code_execution_result",
       "stdout":"5","stderr":"","return_code":0,"content":[]}})"},
      {"mcp_tool_use",
       R"({"type":"mcp_tool_use","id":"secret","name":"echo","server_name":"s","input":{"a":{"b":[]}}})"},
      {"mcp_tool_result",
       R"({"type":"mcp_tool_result","tool_use_id":"secret","is_error":false,"content":[{"type":"text","text":"Hi"}]})"},
      {"container_upload", R"({"type":"container_upload","file_id":"secret"})"},
      {"compaction", R"({"type":"compaction","content":"a secret summary"})"},
      {"of a kind that is not known", R"({"type":"of_tomorrow","secret":{"a":[1,null,"x"]},"b":true})"},
  };
}

std::string anthropic_stream_of(const json::value& block) {
  auto start = block.as_object();
  const auto type = std::string(start["type"].as_string());
  json::array deltas;
  const auto add = [&](const char* field, const char* kind, const char* delta_field) {
    if (!start.contains(field) || !start[field].is_string()) return;
    for (const auto& piece : halves(start[field].as_string()))
      deltas.push_back(json::object{{"type", kind}, {delta_field, piece}});
    start[field] = "";
  };
  if (type == "text") add("text", "text_delta", "text");
  if (type == "compaction") add("content", "compaction_delta", "content");
  if (type == "thinking") {
    add("thinking", "thinking_delta", "thinking");
    deltas.push_back(json::object{{"type", "signature_delta"}, {"signature", start["signature"]}});
    start["signature"] = "";
  }
  if (auto* citations = start.contains("citations") ? start["citations"].if_array() : nullptr) {
    for (const auto& each : *citations)
      deltas.push_back(json::object{{"type", "citations_delta"}, {"citation", each}});
    citations->clear();
  }
  if (start.contains("input")) {
    for (const auto& piece : halves(json::serialize(start["input"])))
      deltas.push_back(json::object{{"type", "input_json_delta"}, {"partial_json", piece}});
    start["input"] = json::object();
  }
  auto out = event_of({{"type", "message_start"}, {"message", {{"id", "msg_1"}, {"content", json::array()}}}});
  out += event_of({{"type", "content_block_start"}, {"index", 0}, {"content_block", start}});
  for (const auto& each : deltas)
    out += event_of({{"type", "content_block_delta"}, {"index", 0}, {"delta", each}});
  out += event_of({{"type", "content_block_stop"}, {"index", 0}});
  out += event_of({{"type", "message_delta"}, {"delta", {{"stop_reason", "end_turn"}}}});
  return out + event_of({{"type", "message_stop"}});
}

TEST(history, goes_back_to_anthropic_as_it_came) {
  expect_round_trips({.config = config_of("anthropic"),
                      .blocks = anthropic_kinds(),
                      .whole =
                          [](const json::value& block) {
                            return json::serialize(json::value{{"id", "msg_1"}, {"content", {block}}});
                          },
                      .streams = {anthropic_stream_of},
                      .answer_in =
                          [](const json::value& request) {
                            return request.at("messages").at(1).at("role") == "assistant"
                                       ? request.at("messages").at(1).at("content").at(0)
                                       : json::value();
                          }});
}

// ---- Gemini

std::vector<block> gemini_kinds() {
  return {
      {"text", R"({"text":"Hello you"})"},
      {"signed text", R"({"text":"Hello you","thoughtSignature":"secret"})"},
      {"a signature alone", R"({"text":"","thoughtSignature":"secret"})"},
      {"a signature without a text", R"({"thoughtSignature":"secret"})"},
      {"text with more", R"({"text":"Hello you","partMetadata":{"secret":1}})"},
      {"thought", R"({"text":"I secretly think","thought":true})"},
      {"signed thought", R"({"text":"I secretly think","thought":true,"thoughtSignature":"secret"})"},
      {"functionCall", R"({"functionCall":{"name":"get_time","args":{"city":"Oslo"}}})"},
      {"functionCall with an id", R"({"functionCall":{"id":"f1","name":"get_time","args":{"city":"Oslo"}}})"},
      {"signed functionCall",
       R"({"functionCall":{"name":"get_time","args":{"city":"Oslo"}},"thoughtSignature":"secret"})"},
      {"functionCall without arguments", R"({"functionCall":{"name":"get_time"}})"},
      {"functionCall of nothing", R"({"functionCall":{"name":"get_time","args":{}}})"},
      {"functionCall with more", R"({"functionCall":{"name":"get_time","secret":false},"partMetadata":{"secret":1}})"},
      {"executableCode", R"({"executableCode":{"language":"PYTHON","code":"secret"}})"},
      {"codeExecutionResult", R"({"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"secret"}})"},
      {"inlineData", R"({"inlineData":{"mimeType":"image/png","data":"secret"},"thoughtSignature":"secret"})"},
      {"fileData", R"({"fileData":{"mimeType":"image/png","fileUri":"secret"}})"},
      {"an inline thought", R"({"thought":true,"inlineData":{"mimeType":"image/png","data":"secret"}})"},
      {"of a kind that is not known", R"({"ofTomorrow":{"secret":[1,null]}})"},
  };
}

json::value gemini_answer_of(const json::value& part) {
  return {{"responseId", "r1"}, {"candidates", {{{"index", 0}, {"content", {{"role", "model"}, {"parts", {part}}}}}}}};
}

std::string gemini_end() {
  return event_of({{"candidates", {{{"index", 0}, {"finishReason", "STOP"}}}}});
}

std::string gemini_stream_of(const json::value& part) {
  return event_of(gemini_answer_of(part)) + gemini_end();
}

// Text that is not signed may come in pieces.
std::string gemini_stream_in_pieces(const json::value& part) {
  if (part.as_object().size() != 1 || !part.as_object().contains("text")) return gemini_stream_of(part);
  std::string out;
  for (const auto& piece : halves(part.at("text").as_string()))
    out += event_of(gemini_answer_of({{"text", piece}}));
  return out + gemini_end();
}

TEST(history, goes_back_to_gemini_as_it_came) {
  expect_round_trips({.config = config_of("google"),
                      .blocks = gemini_kinds(),
                      .whole =
                          [](const json::value& part) {
                            auto out = gemini_answer_of(part);
                            out.at("candidates").at(0).as_object()["finishReason"] = "STOP";
                            return json::serialize(out);
                          },
                      .streams = {gemini_stream_of, gemini_stream_in_pieces},
                      .answer_in =
                          [](const json::value& request) {
                            return request.at("contents").at(1).at("role") == "model"
                                       ? request.at("contents").at(1).at("parts").at(0)
                                       : json::value();
                          }});
}

// ---- Chat Completions: a message is one block

std::vector<block> chat_kinds() {
  return {
      {"text", R"({"role":"assistant","content":"Hello you"})"},
      {"of OpenAI", R"({"role":"assistant","content":"Hello you","refusal":null,"annotations":[]})"},
      {"annotations",
       R"({"role":"assistant","content":"Hello you","annotations":[{"type":"url_citation","url_citation":
       {"url":"https://a.example/secret","title":"t","start_index":0,"end_index":5}}]})"},
      {"refusal", R"({"role":"assistant","content":null,"refusal":"I keep a secret"})"},
      {"audio",
       R"({"role":"assistant","content":null,"audio":{"id":"secret","data":"AAAA","transcript":"Hi","expires_at":9}})"},
      {"a call",
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
       "function":{"name":"get_time","arguments":"{\"city\": \"Oslo\"}"}}]})"},
      {"text and calls",
       R"({"role":"assistant","content":"I look","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_time",
       "arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"get_time","arguments":"{\"city\":\"Rome\"}"}}]})"},
      {"a signed call of Gemini",
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_time",
       "arguments":"{}"},"extra_content":{"google":{"thought_signature":"secret"}}}]})"},
      {"a signed text of Gemini",
       R"({"role":"assistant","content":"Hello you","extra_content":{"google":{"thought_signature":"secret"}}})"},
      {"a call with more",
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_time",
       "arguments":"{}","thought_signature":"secret"}}]})"},
      {"a custom call",
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"custom","custom":{"name":"shell",
       "input":"echo hello"}}]})"},
      {"reasoning_content", R"({"role":"assistant","content":"Hello you","reasoning_content":"a secret thought"})"},
      {"reasoning", R"({"role":"assistant","content":"Hello you","reasoning":"a secret thought"})"},
      {"both", R"({"role":"assistant","content":"Hello you","reasoning":"a secret","reasoning_content":"a secret"})"},
      {"reasoning with a call",
       R"({"role":"assistant","content":null,"reasoning_content":"a secret thought","tool_calls":[{"id":"c1",
       "type":"function","function":{"name":"get_time","arguments":"{}"}}]})"},
      {"reasoning_details",
       R"({"role":"assistant","content":"Hello you","reasoning":"a secret","reasoning_details":[
       {"type":"reasoning.text","text":"a secret","format":"anthropic-claude-v1","index":0,"signature":"secret"},
       {"type":"reasoning.encrypted","data":"secret","id":"rs_1","format":"openai-responses-v1","index":1}]})"},
      {"thoughts within the content",
       R"({"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"a secret thought"}]},
       {"type":"text","text":"Hello you"}],"tool_calls":null,"prefix":false})"},
      {"content of other kinds",
       R"({"role":"assistant","content":[{"type":"text","text":"Hello you"},{"type":"reference","reference_ids":[1]},
       {"type":"image_url","image_url":{"url":"data:secret"}}]})"},
      {"fields that are not known", R"({"role":"assistant","content":"Hello you","secret":{"a":[1,null]}})"},
  };
}

std::string chunk_of(json::value delta, json::value finish = nullptr) {
  return event_of({{"id", "1"}, {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}}}});
}

// The texts in pieces, each call by its index, and each member of other lists in a delta of its own.
std::string chat_stream_of(const json::value& message) {
  auto rest = message.as_object();
  json::array deltas;
  for (const auto* field : {"reasoning", "reasoning_content", "refusal", "content"}) {
    if (!rest.contains(field) || !rest[field].is_string()) continue;
    for (const auto& piece : halves(rest[field].as_string()))
      deltas.push_back(json::object{{field, piece}});
    rest[field] = field == std::string("content") ? json::value("") : json::value(nullptr);
    if (field != std::string("content")) rest.erase(field);
  }
  for (const auto* field : {"reasoning_details", "annotations", "content"}) {
    if (!rest.contains(field) || !rest[field].is_array()) continue;
    for (const auto& each : rest[field].as_array())
      deltas.push_back(json::object{{field, {each}}});
    rest[field].as_array().clear();
  }
  if (rest.contains("tool_calls") && rest["tool_calls"].is_array()) {
    std::int64_t index = 0;
    for (auto call : rest["tool_calls"].as_array()) {
      auto more = json::object{{"index", index}};
      call.as_object()["index"] = index++;
      if (auto* function = call.as_object().if_contains("function")) {
        more["function"] = {{"arguments", function->at("arguments")}};
        function->as_object()["arguments"] = "";
      } else {
        more["custom"] = {{"input", call.at("custom").at("input")}};
        call.at("custom").as_object()["input"] = "";
      }
      deltas.push_back(json::object{{"tool_calls", {call}}});
      deltas.push_back(json::object{{"tool_calls", {more}}});
    }
    rest.erase("tool_calls");
  }
  auto out = chunk_of(rest);
  for (const auto& each : deltas)
    out += chunk_of(each);
  return out + chunk_of(json::object(), "stop") + "data: [DONE]\n\n";
}

TEST(history, goes_back_to_a_server_like_openais_as_it_came) {
  for (const auto* provider : {"lab", "openrouter"}) {
    SCOPED_TRACE(provider);
    expect_round_trips({.config = config_at(provider, "http://localhost:1/v1"),
                        .blocks = chat_kinds(),
                        .whole =
                            [](const json::value& message) {
                              return json::serialize(json::value{
                                  {"choices", {{{"index", 0}, {"message", message}, {"finish_reason", "stop"}}}}});
                            },
                        .streams = {chat_stream_of},
                        .answer_in = [](const json::value& request) { return request.at("messages").at(1); }});
  }
}

// ---- Responses

std::vector<block> responses_kinds() {
  return {
      {"message",
       R"({"type":"message","id":"secret_1","status":"completed","role":"assistant","content":[{"type":"output_text",
       "text":"Hello you","annotations":[],"logprobs":[]}]})"},
      {"message with citations and a phase",
       R"({"type":"message","id":"secret_1","status":"completed","role":"assistant","phase":"final_answer","content":[
       {"type":"output_text","text":"Hello you","annotations":[{"type":"url_citation","url":"https://secret.example"}]}]})"},
      {"message of two texts",
       R"({"type":"message","id":"secret_1","status":"completed","role":"assistant","content":[{"type":"output_text",
       "text":"Hello ","annotations":[]},{"type":"output_text","text":"you","annotations":[]}]})"},
      {"message that refuses",
       R"({"type":"message","id":"secret_1","status":"completed","role":"assistant","content":[{"type":"refusal",
       "refusal":"I keep a secret"}]})"},
      {"message that says nothing",
       R"({"type":"message","id":"secret_1","status":"completed","role":"assistant","content":[]})"},
      {"reasoning that is kept", R"({"type":"reasoning","id":"secret_1","summary":[]})"},
      {"reasoning with a summary",
       R"({"type":"reasoning","id":"secret_1","summary":[{"type":"summary_text","text":"a secret"},
       {"type":"summary_text","text":"and more"}],"encrypted_content":null})"},
      {"reasoning that is encrypted",
       R"({"type":"reasoning","id":"secret_1","summary":[],"encrypted_content":"secret","status":"completed"})"},
      {"reasoning with all",
       R"({"type":"reasoning","id":"secret_1","summary":[{"type":"summary_text","text":"a secret"}],
       "content":[{"type":"reasoning_text","text":"the secret"}],"encrypted_content":"secret"})"},
      {"function_call",
       R"({"type":"function_call","id":"secret_1","call_id":"c1","name":"get_time","arguments":"{\"city\":\"Oslo\"}",
       "status":"completed"})"},
      {"custom_tool_call",
       R"({"type":"custom_tool_call","id":"secret_1","call_id":"c1","name":"shell","input":"echo hello",
       "status":"completed"})"},
      {"web_search_call",
       R"({"type":"web_search_call","id":"secret_1","status":"completed","action":{"type":"search","query":"x"}})"},
      {"file_search_call",
       R"({"type":"file_search_call","id":"secret_1","status":"completed","queries":["x"],"results":null})"},
      {"code_interpreter_call",
       R"({"type":"code_interpreter_call","id":"secret_1","status":"completed","code":"1+1","container_id":"c",
       "outputs":[]})"},
      {"image_generation_call",
       R"({"type":"image_generation_call","id":"secret_1","status":"completed","result":"AAAA"})"},
      {"mcp_call",
       R"({"type":"mcp_call","id":"secret_1","name":"echo","arguments":"{}","server_label":"s","output":"x"})"},
      {"mcp_approval_request",
       R"({"type":"mcp_approval_request","id":"secret_1","name":"echo","arguments":"{}","server_label":"s"})"},
      {"computer_call",
       R"({"type":"computer_call","id":"secret_1","call_id":"c1","action":{"type":"click","x":1,"y":2},
       "pending_safety_checks":[],"status":"completed"})"},
      {"local_shell_call",
       R"({"type":"local_shell_call","id":"secret_1","call_id":"c1","action":{"type":"exec","command":["ls"]},
       "status":"completed"})"},
      {"compaction", R"({"type":"compaction","id":"secret_1","encrypted_content":"secret"})"},
      {"of a kind that is not known", R"({"type":"of_tomorrow","secret":[1,null,{"a":true}]})"},
  };
}

json::value response_of(const json::value& item) {
  return {{"id", "resp_1"}, {"status", "completed"}, {"store", true}, {"output", {item}}};
}

// What each kind of item is while it is made.
json::value begun(json::object item) {
  for (const auto* field : {"arguments", "input"}) {
    if (item.contains(field)) item[field] = "";
  }
  for (const auto* field : {"content", "summary"}) {
    if (item.contains(field) && item[field].is_array()) item[field].emplace_array();
  }
  if (item.contains("encrypted_content")) item["encrypted_content"] = nullptr;
  return item;
}

std::string responses_deltas(const json::value& item) {
  std::string out;
  const auto add = [&](const char* list, const char* field, const char* type, const char* index_name) {
    const auto* parts = item.as_object().if_contains(list);
    if (parts == nullptr || !parts->is_array()) return;
    std::int64_t index = 0;
    for (const auto& part : parts->as_array()) {
      const auto at = index++;
      const auto* text = part.as_object().if_contains(field);
      if (text == nullptr) continue;
      for (const auto& piece : halves(text->as_string()))
        out += event_of({{"type", type}, {"output_index", 0}, {index_name, at}, {"delta", piece}});
    }
  };
  const auto type = std::string(item.at("type").as_string());
  if (type == "reasoning") {
    add("summary", "text", "response.reasoning_summary_text.delta", "summary_index");
    add("content", "text", "response.reasoning_text.delta", "content_index");
  }
  if (type == "message") {
    add("content", "text", "response.output_text.delta", "content_index");
    add("content", "refusal", "response.refusal.delta", "content_index");
  }
  return out;
}

std::string responses_stream(const json::value& item, bool has_deltas, bool has_done) {
  auto out = event_of({{"type", "response.created"}, {"response", {{"id", "resp_1"}, {"status", "in_progress"}}}});
  if (has_deltas || has_done) {
    out += event_of({{"type", "response.output_item.added"}, {"output_index", 0}, {"item", begun(item.as_object())}});
  }
  if (has_deltas) out += responses_deltas(item);
  if (has_done) out += event_of({{"type", "response.output_item.done"}, {"output_index", 0}, {"item", item}});
  return out + event_of({{"type", "response.completed"}, {"response", response_of(item)}});
}

TEST(history, goes_back_to_openais_responses_as_it_came) {
  expect_round_trips({.config = config_of("openai", openai_api::responses),
                      .blocks = responses_kinds(),
                      .whole = [](const json::value& item) { return json::serialize(response_of(item)); },
                      .streams = {[](const json::value& item) { return responses_stream(item, true, true); },
                                  [](const json::value& item) { return responses_stream(item, false, true); },
                                  [](const json::value& item) { return responses_stream(item, true, false); },
                                  [](const json::value& item) { return responses_stream(item, false, false); }},
                      .answer_in = [](const json::value& request) { return request.at("input").at(1); }});
}

}  // namespace
}  // namespace warmwire::providers::history_test

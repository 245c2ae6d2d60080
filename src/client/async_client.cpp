#include "client/attempts.hpp"
#include "client/retried_call.hpp"
#include "http/content_decoder.hpp"
#include "providers/calls.hpp"
#include "providers/model_name.hpp"
#include "providers/profile.hpp"
#include "providers/provider_config.hpp"
#include "transport/spawn.hpp"

#include <warmwire/async_client.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <random>
#include <utility>

namespace warmwire {

namespace {

/// Vectors are long, and their numbers are what was asked for.
constexpr std::size_t times_for_vectors = 4;

/// See `client_options::max_json_bytes`.
providers::json_limits limits_of(const client_options& options, std::size_t times) {
  constexpr std::size_t bytes_of_value = 16;
  const auto bytes = options.max_json_bytes * times;
  return {.max_bytes = bytes, .max_values = bytes / bytes_of_value};
}

result<config_ptr> make_config(const client_options& options, std::string_view provider) {
  constexpr std::size_t least = std::size_t{1} << 10;
  constexpr std::size_t most = std::size_t{1} << 30;
  if (options.max_json_bytes < least || options.max_json_bytes > most) {
    return error{.code = errc::invalid_option,
                 .message = "max_json_bytes is " + std::to_string(options.max_json_bytes) + "; it must be from " +
                            std::to_string(least) + " to " + std::to_string(most)};
  }
  auto made = providers::make_provider_config(providers::options_of(options, provider),
                                              [](const char* name) { return ::secure_getenv(name); });
  if (!made) return made.error();
  made->now = &std::chrono::system_clock::now;
  made->answer_limits = limits_of(options, 1);
  made->dice = [] {
    std::random_device dice;
    return std::uint64_t{dice()} << 32U | dice();
  };
  return std::make_shared<const providers::provider_config>(std::move(*made));
}

}  // namespace

/// Constant after construction but for `context`, which lives on the executor: any thread may start a call.
class WARMWIRE_INTERNAL async_client::state {
 public:
  state(std::shared_ptr<detail::transport_core> over, client_options given)
      : options(std::move(given)),
        context(std::make_shared<call_context>(std::move(over), options.timing)),
        executor(context->executor()) {
    configs.emplace(options.provider, make_config(options, options.provider));
    for (const auto& each : options.others)
      configs.emplace(each.provider, make_config(options, each.provider));
    for (const auto id : providers::known_ids())
      configs.emplace(id, make_config(options, id));
  }

  /// The provider of a model, whose name becomes the provider's own.
  [[nodiscard]] const result<config_ptr>& choose(std::string& model) const {
    auto chosen = providers::choose_model(options, model);
    model = std::move(chosen.model);
    return configs.find(chosen.provider)->second;
  }

  [[nodiscard]] std::uint32_t retries(const std::optional<std::uint32_t>& wanted) const {
    return wanted.value_or(options.max_retries);
  }

  template <class Reply>
  void fail(error reason, detail::completion<Reply> done) const {
    // Never from within the initiating function: the caller may hold a lock.
    boost::asio::post(executor, [done = std::move(done), why = std::move(reason)]() mutable { done(std::move(why)); });
  }

  /// A call whose answer comes whole.
  template <class Reply>
  void start(whole_call<Reply> call, result<request> message, std::optional<std::uint32_t> retries_wanted,
             detail::completion<Reply> done) const {
    if (!message) return fail(std::move(message).error(), std::move(done));
    const auto config = call.config;
    auto attempt = [over = context, call = std::move(call)](request what) {
      return send_once<Reply>(over, call, std::move(what));
    };
    run<Reply>({.config = config,
                .message = accepting(std::move(*message)),
                .attempt = std::move(attempt),
                .max_retries = retries(retries_wanted)},
               std::move(done), [](Reply reply) { return reply; });
  }

  void start_embed(embed_call call, result<request> message, std::optional<std::uint32_t> retries_wanted,
                   detail::completion<embed_reply> done) const {
    if (!message) return fail(std::move(message).error(), std::move(done));
    const auto config = call.config;
    auto attempt = [over = context, call = std::move(call)](request what) {
      return embed_once(over, call, std::move(what));
    };
    run<embed_reply>({.config = config,
                      .message = accepting(std::move(*message)),
                      .attempt = std::move(attempt),
                      .max_retries = retries(retries_wanted)},
                     std::move(done), [](embed_reply reply) { return reply; });
  }

  void start_stream(const config_ptr& config, result<request> message, const chat_request& asked,
                    detail::completion<chat_stream> done) const {
    if (!message) return fail(std::move(message).error(), std::move(done));
    auto attempt = [over = context, call = streamed_call{config, providers::choices_of(asked), asked.keep_raw_body}](
                       request what) { return open_once(over, call, std::move(what)); };
    using opened = std::shared_ptr<detail::open_chat>;
    run<opened>({.config = config,
                 .message = accepting(std::move(*message)),
                 .attempt = std::move(attempt),
                 .max_retries = retries(asked.max_retries)},
                std::move(done), [](opened chat) { return chat_stream(std::move(chat)); });
  }

  const client_options options;
  std::map<std::string, result<config_ptr>, std::less<>> configs;
  const std::shared_ptr<call_context> context;
  const boost::asio::any_io_executor executor;

 private:
  static request accepting(request message) {
    if (!message.headers.contains("accept-encoding")) {
      message.headers.add("Accept-Encoding", std::string(http::accepted_codings()));
    }
    return message;
  }

  template <class Reply, class Out, class Finish>
  void run(retried_call<Reply> call, detail::completion<Out> done, Finish finish) const {
    detail::begin_or_fail(executor, done, [&](const auto& told) {
      auto end = [told = told, finish](result<Reply> outcome) mutable {
        if (!outcome) return told(std::move(outcome).error());
        told(finish(std::move(*outcome)));
      };
      detail::spawn(executor, run_call(context, std::move(call)), told.slot(), std::move(end));
    });
  }
};

async_client::async_client(warmwire::transport& transport, client_options options)
    : state_(std::make_shared<state>(transport.core_, std::move(options))) {}

async_client::async_client(async_client&&) noexcept = default;

async_client& async_client::operator=(async_client&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

async_client::~async_client() {
  if (state_) call_context::abandon(state_->context);
}

const boost::asio::any_io_executor& async_client::executor() const noexcept {
  return state_->executor;
}

result<void> async_client::check() const {
  const auto& own = state_->configs.find(state_->options.provider)->second;
  if (!own) return own.error();
  return {};
}

void async_client::start_chat(chat_request chat, detail::completion<chat_reply> done) {
  const auto& config = state_->choose(chat.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_chat(**config, chat, providers::delivery::whole);
  const auto decode = [asked = providers::choices_of(chat)](const providers::provider_config& of, response&& answer,
                                                            const providers::json_document* parsed) {
    return providers::decode_chat(of, std::move(answer), asked, parsed);
  };
  state_->start<chat_reply>({*config, decode, (*config)->answer_limits}, std::move(message), chat.max_retries,
                            std::move(done));
}

void async_client::start_stream(chat_request chat, detail::completion<chat_stream> done) {
  const auto& config = state_->choose(chat.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_chat(**config, chat, providers::delivery::streamed);
  state_->start_stream(*config, std::move(message), chat, std::move(done));
}

void async_client::start_embed(embed_request what, detail::completion<embed_reply> done) {
  const auto& config = state_->choose(what.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_embed(**config, what);
  const auto retries_wanted = what.max_retries;
  embed_call call{.config = *config,
                  .what = std::make_shared<const embed_request>(std::move(what)),
                  .limits = limits_of(state_->options, times_for_vectors)};
  state_->start_embed(std::move(call), std::move(message), retries_wanted, std::move(done));
}

void async_client::start_models(models_request what, detail::completion<model_list> done) {
  const auto found = state_->configs.find(what.provider.empty() ? state_->options.provider : what.provider);
  if (found == state_->configs.end()) {
    return state_->fail({.code = errc::invalid_option,
                         .message = "provider is none that is known or configured, see client_options::others"},
                        std::move(done));
  }
  const auto& config = found->second;
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_models(**config, what);
  state_->start<model_list>({*config, providers::decode_models, (*config)->answer_limits}, std::move(message),
                            what.max_retries, std::move(done));
}

void async_client::start_count_tokens(chat_request chat, detail::completion<token_count> done) {
  const auto& config = state_->choose(chat.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_count(**config, chat);
  state_->start<token_count>({*config, providers::decode_count, (*config)->answer_limits}, std::move(message),
                             chat.max_retries, std::move(done));
}

}  // namespace warmwire

#include "client/retried_call.hpp"
#include "providers/calls.hpp"
#include "providers/model_name.hpp"
#include "providers/profile.hpp"
#include "providers/provider_config.hpp"

#include <warmwire/async_client.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <cstdlib>
#include <exception>
#include <utility>

namespace warmwire {

namespace {

using config_ptr = std::shared_ptr<const providers::provider_config>;

result<config_ptr> make_config(const client_options& options, std::string_view provider) {
  auto made = providers::make_provider_config(providers::options_of(options, provider),
                                              [](const char* name) { return std::getenv(name); });
  if (!made) return made.error();
  return std::make_shared<const providers::provider_config>(std::move(*made));
}

}  // namespace

/// Constant after construction but for `context`, which lives on the executor: any thread may start a call.
class async_client::state {
 public:
  state(warmwire::transport& over, client_options given)
      : options(std::move(given)), context(std::make_shared<call_context>(over)), executor(over.get_executor()) {
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

  template <class Reply>
  void start(retried_call<Reply> call, detail::completion<Reply> done) const {
    const auto slot = done.slot();
    auto finish = [done = std::move(done)](const std::exception_ptr& thrown, result<Reply> outcome) mutable {
      if (thrown) std::rethrow_exception(thrown);
      done(std::move(outcome));
    };
    boost::asio::co_spawn(executor, run_call(context, std::move(call)),
                          boost::asio::bind_cancellation_slot(slot, std::move(finish)));
  }

  const client_options options;
  std::map<std::string, result<config_ptr>, std::less<>> configs;
  const std::shared_ptr<call_context> context;
  const boost::asio::any_io_executor executor;
};

async_client::async_client(warmwire::transport& transport, client_options options)
    : state_(std::make_shared<state>(transport, std::move(options))) {}

async_client::async_client(async_client&&) noexcept = default;

async_client& async_client::operator=(async_client&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

async_client::~async_client() {
  if (state_) call_context::abandon(state_->context);
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
  if (!message) return state_->fail(std::move(message).error(), std::move(done));
  state_->start<chat_reply>({.config = *config,
                             .message = std::move(*message),
                             .decode = providers::decode_chat,
                             .max_retries = state_->retries(chat.max_retries)},
                            std::move(done));
}

void async_client::start_embed(embed_request what, detail::completion<embed_reply> done) {
  const auto& config = state_->choose(what.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_embed(**config, what);
  if (!message) return state_->fail(std::move(message).error(), std::move(done));
  const auto count = what.input.size();
  const auto decode = [count](const providers::provider_config& of, response&& answer) {
    return providers::decode_embed(of, count, std::move(answer));
  };
  state_->start<embed_reply>({.config = *config,
                              .message = std::move(*message),
                              .decode = decode,
                              .max_retries = state_->retries(what.max_retries)},
                             std::move(done));
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
  if (!message) return state_->fail(std::move(message).error(), std::move(done));
  state_->start<model_list>({.config = *config,
                             .message = std::move(*message),
                             .decode = providers::decode_models,
                             .max_retries = state_->retries(what.max_retries)},
                            std::move(done));
}

void async_client::start_count_tokens(chat_request chat, detail::completion<token_count> done) {
  const auto& config = state_->choose(chat.model);
  if (!config) return state_->fail(config.error(), std::move(done));
  auto message = providers::encode_count(**config, chat);
  if (!message) return state_->fail(std::move(message).error(), std::move(done));
  state_->start<token_count>({.config = *config,
                              .message = std::move(*message),
                              .decode = providers::decode_count,
                              .max_retries = state_->retries(chat.max_retries)},
                             std::move(done));
}

}  // namespace warmwire

// A resolver that answers as a test tells it to, at once, later or never, and counts what it is asked.
#pragma once

#include <warmwire/resolver.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace warmwire::test {

class scripted_resolver {
 public:
  /// What to inject; it shares the script, and may outlive this object.
  [[nodiscard]] resolver function() const {
    return [script = script_](const std::string& host, resolve_completion done) {
      script->asked.push_back(host);
      const auto known = script->answers.find(host);
      if (known != script->answers.end()) return done(known->second);
      script->waiting.push_back(std::move(done));
    };
  }

  /// From now on `host` is answered at once.
  void set(const std::string& host, result<resolved> answer) {
    script_->answers.insert_or_assign(host, std::move(answer));
  }
  /// From now on `host` is not answered.
  void silence(const std::string& host) { script_->answers.erase(host); }

  [[nodiscard]] std::size_t asked() const { return script_->asked.size(); }

  /// The completions of queries that were not answered.
  std::vector<resolve_completion>& waiting() { return script_->waiting; }

 private:
  struct script {
    std::map<std::string, result<resolved>> answers;
    std::vector<std::string> asked;
    std::vector<resolve_completion> waiting;
  };
  std::shared_ptr<script> script_ = std::make_shared<script>();
};

}  // namespace warmwire::test

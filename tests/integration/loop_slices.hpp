// How the tests run their event loops: at one go or, when WARMWIRE_LOOP_SLICES holds a seed, in slices of a random
// length, with all that the test itself does between them, outside of any handler: as games, GUIs and drains do.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <random>
#include <string>

namespace warmwire::test {

class loop_slices {
 public:
  using clock = std::chrono::steady_clock;

  /// Runs `loop` until nothing is left to do, it is stopped, or `limit` has passed.
  static void run(boost::asio::io_context& loop, std::chrono::milliseconds limit) {
    if (!are_wanted()) {
      loop.run_for(limit);
      return;
    }
    const auto give_up = clock::now() + limit;
    while (!loop.stopped() && clock::now() < give_up)
      run_one(loop);
  }

  /// The same beside a test's own coroutine, which runs on the loop or, in slices, between them.
  static void run_beside(boost::asio::io_context& loop, const std::function<boost::asio::awaitable<void>()>& body,
                         std::chrono::milliseconds limit) {
    std::exception_ptr failure;
    bool has_ended = false;
    const auto end = [&](const std::exception_ptr& thrown) {
      failure = thrown;
      has_ended = true;
    };
    const auto give_up = clock::now() + limit;
    boost::asio::io_context between{1};
    boost::asio::co_spawn(are_wanted() ? between : loop, body, end);
    while (are_wanted() && !has_ended && clock::now() < give_up) {
      between.restart();
      between.poll();
      loop.restart();
      run_one(loop);
    }
    loop.restart();
    run(loop, std::chrono::duration_cast<std::chrono::milliseconds>(give_up - clock::now()));
    if (failure) std::rethrow_exception(failure);
  }

  /// One slice, with an end of its own kind and time.
  static void run_one(boost::asio::io_context& loop) {
    const auto least = std::chrono::microseconds(draw(0, 3'000));
    switch (draw(0, 3)) {
      case 0:
        loop.poll_one();
        break;
      case 1:
        loop.run_one_for(least);
        break;
      default:
        loop.run_for(least);
    }
  }

  [[nodiscard]] static bool are_wanted() { return seed().has_value(); }

 private:
  static const std::optional<unsigned>& seed() {
    static const auto given = []() -> std::optional<unsigned> {
      const char* text = std::getenv("WARMWIRE_LOOP_SLICES");
      if (text == nullptr || *text == '\0') return std::nullopt;
      return static_cast<unsigned>(std::stoul(text));
    }();
    return given;
  }

  static int draw(int least, int most) {
    static std::mt19937 dice(seed().value_or(1));
    return std::uniform_int_distribution<int>(least, most)(dice);
  }
};

}  // namespace warmwire::test

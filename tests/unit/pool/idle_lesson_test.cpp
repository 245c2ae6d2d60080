// What the ends of idle connections teach.
#include "pool/idle_lesson.hpp"

#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::idle_lesson_test {
namespace {

using namespace std::chrono_literals;

/// Survivals of the whole limit until it changes.
std::uint32_t survivals_to_rise(idle_lesson& lesson, duration idle_timeout = 1h) {
  const std::optional<duration> before = lesson.limit;
  std::uint32_t count = 0;
  while (lesson.limit == before && count < 1'000) {
    lesson.survived(*before, idle_timeout);
    ++count;
  }
  return count;
}

TEST(idle_lesson, an_end_lowers_the_limit_to_four_fifths_of_the_time_and_never_raises_it) {
  idle_lesson lesson;
  EXPECT_EQ(lesson.limit, std::nullopt);
  lesson.ended_after(60s);
  EXPECT_EQ(lesson.limit, 48s);
  lesson.ended_after(100s);
  EXPECT_EQ(lesson.limit, 48s);
  lesson.ended_after(50s);
  EXPECT_EQ(lesson.limit, 40s);
}

TEST(idle_lesson, is_never_shorter_than_a_second) {
  idle_lesson lesson;
  lesson.ended_after(1s - 1ns);
  EXPECT_EQ(lesson.limit, std::nullopt) << "says nothing about idling";
  lesson.ended_after(1s);
  EXPECT_EQ(lesson.limit, 1s);
}

TEST(idle_lesson, a_run_of_survivals_raises_the_limit_by_half) {
  idle_lesson lesson;
  lesson.ended_after(50s);
  for (int each = 0; each < 3; ++each) {
    lesson.survived(20s, 1h);
    lesson.survived(20s - 1ns, 1h);  // less than half the limit: proves nothing
  }
  EXPECT_EQ(lesson.limit, 40s);
  lesson.survived(20s, 1h);
  EXPECT_EQ(lesson.limit, 60s);
  EXPECT_EQ(survivals_to_rise(lesson), 4U);
  EXPECT_EQ(lesson.limit, 90s);
}

TEST(idle_lesson, an_end_begins_the_run_anew) {
  idle_lesson lesson;
  lesson.ended_after(50s);
  for (int each = 0; each < 3; ++each) {
    lesson.survived(40s, 1h);
  }
  lesson.ended_after(50s);
  EXPECT_EQ(survivals_to_rise(lesson), 4U);
}

TEST(idle_lesson, is_forgotten_when_it_limits_no_longer) {
  idle_lesson lesson;
  lesson.ended_after(50s);
  survivals_to_rise(lesson, 60s);
  EXPECT_EQ(lesson.limit, std::nullopt);
}

TEST(idle_lesson, a_limit_that_was_raised_too_far_is_raised_more_slowly_the_next_time) {
  idle_lesson lesson;
  lesson.ended_after(50s);
  for (const std::uint32_t run : {4U, 8U, 16U, 32U, 64U, 128U, 256U, 256U}) {
    EXPECT_EQ(survivals_to_rise(lesson, 60s), run);
    lesson.ended_after(50s);
    EXPECT_EQ(lesson.limit, 40s);
  }
}

TEST(idle_lesson, one_restart_of_a_server_is_soon_forgotten) {
  idle_lesson lesson;
  lesson.ended_after(1s);
  std::uint32_t survivals = 0;
  while (lesson.limit && survivals < 1'000) {
    survivals += survivals_to_rise(lesson, 60s);
  }
  EXPECT_LE(survivals, 50U);
}

// By the pool

TEST(pool, an_idle_connection_is_closed_before_the_age_at_which_another_was_lost) {
  scripted_pool pool;
  pool.open(2);
  pool.ends(1);
  pool.pass(50s);
  pool.lost(1, close_reason::peer_closed_idle);
  pool.ends(2);
  EXPECT_EQ(pool.wakeup(), 40s);
  EXPECT_EQ(pool.live(40s), "close c2 idle_timeout");
  EXPECT_EQ(pool.memory().idle.limit, 40s);
}

TEST(pool, what_an_idle_end_taught_is_remembered) {
  origin_memory memory;
  memory.idle.ended_after(50s);
  scripted_pool pool({}, {.memory = memory});
  pool.open(1);
  pool.ends(1);
  pool.pass(40s);
  EXPECT_EQ(pool.arrive(1), "close c1 idle_timeout; dial c2");
}

TEST(pool, ends_found_by_a_request_teach_too) {
  for (const close_reason reason : {close_reason::stale, close_reason::dead_path, close_reason::peer_closed_idle}) {
    scripted_pool pool;
    pool.open(1);
    pool.ends(1);
    pool.pass(50s);
    pool.arrive(1);
    pool.pass(2s);
    pool.lost(1, reason);
    EXPECT_EQ(pool.memory().idle.limit, 40s);
  }
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  pool.pass(50s);
  pool.arrive(1);
  pool.refused(1, 1, close_reason::peer_closed_idle);
  EXPECT_EQ(pool.memory().idle.limit, 40s) << "found dead when it was taken";
}

TEST(pool, the_end_of_a_connection_with_several_streams_teaches_by_how_long_it_had_been_idle_before_them) {
  scripted_pool pool;
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.ends(1);
  pool.pass(50s);
  pool.arrive(1);
  pool.pass(1s);
  pool.arrive(2);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.memory().idle.limit, 40s);
}

TEST(pool, a_connection_that_was_heard_from_after_it_was_taken_teaches_nothing_about_idling) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1);
  pool.pass(50s);
  pool.arrive(1);
  pool.pass(1s);
  pool.heard(1);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.memory().idle.limit, std::nullopt);
}

TEST(pool, other_ends_teach_nothing_about_idling) {
  for (const close_reason reason : {close_reason::unsolicited_bytes, close_reason::goaway, close_reason::server_close,
                                    close_reason::transport_error, close_reason::timeout}) {
    scripted_pool pool;
    pool.open(1);
    pool.ends(1);
    pool.pass(50s);
    pool.lost(1, reason);
    EXPECT_EQ(pool.memory().idle.limit, std::nullopt) << warmwire::to_string(reason);
  }
}

TEST(pool, a_pool_that_is_told_not_to_learn_neither_learns_nor_obeys) {
  pool_settings settings;
  settings.learn_idle_timeout = false;
  origin_memory memory;
  memory.idle.ended_after(10s);
  scripted_pool pool(settings, {.memory = memory});
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.wakeup(), 60s);
  pool.pass(5s);
  pool.lost(1, close_reason::peer_closed_idle);
  EXPECT_EQ(pool.memory(), (origin_memory{.is_multiplexed = false, .idle = memory.idle}));
}

TEST(pool, reuse_of_idle_connections_lets_the_limit_grow) {
  origin_memory memory;
  memory.idle.ended_after(50s);
  scripted_pool pool({}, {.memory = memory});
  pool.open(1);
  for (std::uint64_t request = 1; request <= 4; ++request) {
    pool.ends(1);
    pool.pass(20s);
    pool.arrive(request);
  }
  EXPECT_EQ(pool.memory().idle.limit, std::nullopt) << "60 s no longer limit";
}

TEST(pool, connections_that_are_still_there_at_the_learned_limit_let_it_grow) {
  origin_memory memory;
  memory.idle.ended_after(10s);
  scripted_pool pool({}, {.memory = memory});
  pool.open(6);
  for (std::size_t each = 1; each <= 6; ++each) {
    pool.ends(each);
  }
  EXPECT_EQ(pool.live(8s),
            "close c1 idle_timeout; close c2 idle_timeout; close c3 idle_timeout; close c4 idle_timeout");
  EXPECT_EQ(pool.memory().idle.limit, 12s) << "which holds for the others already";
  EXPECT_EQ(pool.live(4s), "close c5 idle_timeout; close c6 idle_timeout");
}

TEST(pool, connections_beyond_a_limit_that_was_just_lowered_prove_nothing) {
  scripted_pool pool;
  pool.open(10);
  for (std::size_t each = 1; each <= 10; ++each) {
    pool.ends(each);
  }
  pool.pass(50s);
  pool.lost(1, close_reason::peer_closed_idle);
  pool.tick();
  EXPECT_EQ(pool.counts().idle, 0U);
  EXPECT_EQ(pool.memory().idle.limit, 40s);
  EXPECT_EQ(pool.memory().idle.survivals, 0U);
}

TEST(pool, hints_of_the_server_are_not_lessons) {
  scripted_pool pool;
  pool.open(1);
  pool.ends(1, {.timeout = 5s});
  EXPECT_EQ(pool.live(4s), "close c1 keep_alive_hint");
  EXPECT_EQ(pool.memory().idle, idle_lesson{});
}

TEST(pool, a_warm_connection_is_replaced_before_its_path_dies) {
  pool_settings settings;
  settings.min_warm = 1;
  settings.max_lifetime = 0ms;
  origin_memory memory;
  memory.idle.ended_after(50s);
  scripted_pool pool(settings, {.memory = memory});
  pool.open(1);
  pool.ends(1);
  EXPECT_EQ(pool.live(40s), "close c1 idle_timeout; dial c2");
}

}  // namespace
}  // namespace warmwire::pool::idle_lesson_test

// Connections with many streams: probes, limits by protocol, stream targets, SETTINGS, refused streams.
#include "scripted_pool.hpp"

#include <gtest/gtest.h>

namespace warmwire::pool::multiplexing_test {
namespace {

using namespace std::chrono_literals;

constexpr origin_traits by_alpn{.may_multiplex = true};

/// As many connections as anyone could want; the tests below are about the rest.
pool_settings roomy() {
  pool_settings settings;
  settings.max_connections = 100;
  settings.max_h2_connections = 100;
  settings.max_concurrent_h2_dials = 100;
  settings.max_idle = 100;
  return settings;
}

origin_traits known(std::size_t stream_limit) {
  return {.may_multiplex = true, .memory = {.is_multiplexed = true, .stream_limit = stream_limit}};
}

/// Lets every dial succeed and every peer send its SETTINGS, one after the other, until none is left.
void let_all_open(scripted_pool& pool, std::size_t streams) {
  for (std::size_t each = 1; each <= pool.dials(); ++each) {
    pool.dialed_without_settings(each);
    pool.carries(each, streams);
  }
}

/// Lets all dials that are under way succeed before the first peer sends its SETTINGS, and so on.
void let_all_open_in_waves(scripted_pool& pool, std::size_t streams) {
  for (std::size_t first = 1; first <= pool.dials();) {
    const std::size_t last = pool.dials();
    for (std::size_t each = first; each <= last; ++each) {
      pool.dialed_without_settings(each);
    }
    for (std::size_t each = first; each <= last; ++each) {
      pool.carries(each, streams);
    }
    first = last + 1;
  }
}

TEST(pool, behaviour_17_an_unknown_origin_is_probed_by_one_dial) {
  scripted_pool pool({}, by_alpn);
  EXPECT_EQ(pool.burst(1, 20), 1U);
  EXPECT_EQ(pool.dialed(1), "use c1 for r1; dial c2; dial c3; dial c4; dial c5; dial c6; dial c7; dial c8; dial c9")
      << "HTTP/1.1: as many at once as max_concurrent_dials";
  EXPECT_EQ(pool.memory().is_multiplexed, false);
}

TEST(pool, behaviour_17_a_probe_that_brings_many_streams_serves_all) {
  scripted_pool pool({}, by_alpn);
  EXPECT_EQ(pool.burst(1, 3), 1U);
  EXPECT_EQ(pool.dialed_without_settings(1), "use c1 for r1");
  EXPECT_EQ(pool.carries(1, 100), "use c1 for r2; use c1 for r3");
  EXPECT_EQ(pool.memory().is_multiplexed, true);
  EXPECT_EQ(pool.memory().stream_limit, 100U);
}

TEST(pool, behaviour_17_after_a_failed_probe_the_next_is_a_probe_again) {
  scripted_pool pool({}, by_alpn);
  EXPECT_EQ(pool.burst(1, 20), 1U);
  EXPECT_EQ(pool.dial_fails(1), "reject r1 dial_failed");
  EXPECT_EQ(pool.live(1s), "dial c2");
  EXPECT_EQ(pool.dialed(2).substr(0, 30), "use c2 for r2; dial c3; dial c");
}

TEST(pool, behaviour_17_a_failed_probe_takes_all_with_it_that_hoped_for_it) {
  scripted_pool pool({}, by_alpn);
  pool.burst(1, 20);
  pool.dial_fails(1);
  pool.live(1s);
  pool.dial_fails(2);
  EXPECT_EQ(pool.counts().pending, 0U) << "all of them were waiting when c2 began";
}

TEST(pool, behaviour_17_an_origin_that_cannot_be_multiplexed_or_is_known_is_not_probed) {
  EXPECT_EQ(scripted_pool().burst(1, 20), 8U);
  EXPECT_EQ(scripted_pool({}, {.may_multiplex = true, .memory = {.is_multiplexed = false}}).burst(1, 20), 8U);
  EXPECT_EQ(scripted_pool({}, {.may_multiplex = false, .memory = {.is_multiplexed = true}}).burst(1, 20), 8U);
  EXPECT_EQ(scripted_pool({}, known(1)).burst(1, 20), 2U);
}

TEST(pool, a_pool_that_speaks_http1_only_does_not_probe) {
  pool_settings settings;
  settings.protocol = http_protocol::http1;
  EXPECT_EQ(scripted_pool(settings, by_alpn).burst(1, 20), 8U);
}

TEST(pool, behaviour_17_a_hundred_cold_requests_dial_at_most_one_more_than_they_need) {
  for (const std::size_t streams : {1U, 7U, 10U, 32U, 50U, 99U, 100U, 1'000U}) {
    const std::size_t most = (100 + std::min<std::size_t>(streams, 100) - 1) / std::min<std::size_t>(streams, 100) + 1;
    for (const auto open : {let_all_open, let_all_open_in_waves}) {
      scripted_pool pool(roomy(), by_alpn);
      pool.burst(1, 100);
      open(pool, streams);
      EXPECT_EQ(pool.counts().streams, 100U) << streams;
      EXPECT_LE(pool.dials(), most) << streams;
    }
  }
}

TEST(pool, behaviour_17_a_thousand_cold_requests_dial_at_most_eleven_connections_of_a_hundred_streams) {
  for (const auto open : {let_all_open, let_all_open_in_waves}) {
    scripted_pool pool(roomy(), by_alpn);
    pool.burst(1, 1'000);
    open(pool, 100);
    EXPECT_EQ(pool.counts().streams, 1'000U);
    EXPECT_LE(pool.dials(), 11U);
  }
}

TEST(pool, behaviour_10_thirty_five_requests_over_ten_streams_each_take_four_connections) {
  for (const auto open : {let_all_open, let_all_open_in_waves}) {
    scripted_pool pool({}, by_alpn);
    pool.burst(1, 35);
    open(pool, 10);
    EXPECT_EQ(pool.counts().streams, 35U);
    EXPECT_EQ(pool.counts().pending, 0U);
    EXPECT_EQ(pool.dials(), 4U);
  }
}

TEST(pool, behaviour_11_a_learned_stream_limit_is_used_by_the_next_cold_burst) {
  pool_settings settings;
  settings.max_concurrent_h2_dials = 8;
  scripted_pool first(settings, by_alpn);
  first.arrive(1);
  EXPECT_EQ(first.streams_before_settings(), 1U);
  first.dialed_without_settings(1);
  first.carries(1, 8);
  scripted_pool second(settings, {.may_multiplex = true, .memory = first.memory()});
  EXPECT_EQ(second.streams_before_settings(), 8U);
  EXPECT_EQ(second.burst(1, 32), 4U);
  let_all_open(second, 8);
  EXPECT_EQ(second.dials(), 4U);
  EXPECT_EQ(second.counts().streams, 32U);
}

TEST(pool, behaviour_11_a_learned_limit_of_zero_is_not_expected_of_others) {
  scripted_pool pool({}, known(8));
  pool.arrive(1);
  pool.dialed_without_settings(1);
  pool.carries(1, 0);
  EXPECT_EQ(pool.memory().stream_limit, 8U);
}

TEST(pool, streams_before_settings_are_never_more_than_max_streams) {
  pool_settings settings;
  settings.max_streams = 5;
  EXPECT_EQ(scripted_pool(settings, known(100)).streams_before_settings(), 5U);
}

TEST(pool, multiplexed_connections_have_limits_of_their_own) {
  scripted_pool pool({}, known(1));
  pool.burst(1, 20);
  EXPECT_EQ(pool.counts().connecting, 2U) << "max_concurrent_h2_dials";
  let_all_open(pool, 1);
  EXPECT_EQ(pool.dials(), 8U) << "max_h2_connections";
  pool_settings settings;
  settings.max_connections = 3;
  scripted_pool smaller(settings, known(1));
  smaller.burst(1, 20);
  let_all_open(smaller, 1);
  EXPECT_EQ(smaller.dials(), 3U) << "max_connections holds for all";
}

TEST(pool, an_origin_that_turns_out_to_be_multiplexed_keeps_only_as_many_connections_as_that_allows) {
  pool_settings settings;
  settings.max_h2_connections = 2;
  scripted_pool pool(settings);
  pool.open(3);
  pool.ends(1);
  pool.ends(2);
  EXPECT_EQ(pool.arrive_fresh(1), "dial c4");
  EXPECT_EQ(pool.dialed(4, 10), "use c4 for r1; close c1 idle_excess; close c2 idle_excess");
}

TEST(pool, an_origin_that_turns_out_not_to_be_multiplexed_may_have_more_connections) {
  scripted_pool pool({}, known(100));
  pool.burst(1, 5);
  EXPECT_EQ(pool.dialed(1), "use c1 for r1; dial c2; dial c3; dial c4; dial c5");
}

TEST(pool, those_that_wait_for_settings_need_no_dial) {
  scripted_pool pool(roomy(), by_alpn);
  pool.burst(1, 99);
  EXPECT_EQ(pool.dialed_without_settings(1), "use c1 for r1");
  EXPECT_EQ(pool.arrive(100), "") << "c1 is expected to bring 100";
  EXPECT_EQ(pool.arrive(101), "dial c2");
  EXPECT_EQ(pool.ends(1), "use c1 for r2");
}

TEST(pool, settings_that_bring_less_than_expected_lead_to_dials) {
  scripted_pool pool(roomy(), by_alpn);
  pool.burst(1, 20);
  pool.dialed_without_settings(1);
  const std::string answer = pool.carries(1, 10);
  EXPECT_EQ(answer.substr(answer.rfind("use")), "use c1 for r10; dial c2");
}

TEST(pool, a_connection_lost_before_its_settings_leads_to_another_dial) {
  scripted_pool pool({}, by_alpn);
  pool.burst(1, 3);
  pool.dialed_without_settings(1);
  EXPECT_EQ(pool.lost(1, close_reason::transport_error), "dial c2");
}

TEST(pool, a_connection_that_drains_before_its_settings_leads_to_another_dial) {
  scripted_pool pool({}, by_alpn);
  pool.burst(1, 3);
  pool.dialed_without_settings(1);
  EXPECT_EQ(pool.drains(1, close_reason::goaway), "dial c2");
  EXPECT_EQ(pool.carries(1, 100), "");
  EXPECT_EQ(pool.ends(1), "close c1 goaway");
}

/// A server that counts requests turns away those that come late, and they came because they had been turned away.
TEST(pool, behaviour_12_the_settings_of_a_connection_that_carries_requests_serve_no_fresh_ones) {
  scripted_pool pool({}, by_alpn);
  pool.arrive(1);
  pool.arrive_fresh(2);
  pool.arrive_fresh(3);
  pool.arrive_fresh(4);
  EXPECT_EQ(pool.dialed_without_settings(1), "use c1 for r2");
  EXPECT_EQ(pool.carries(1, 3), "use c1 for r1; dial c2");
  EXPECT_EQ(pool.dialed_without_settings(2), "use c2 for r3; use c2 for r4");
}

TEST(pool, a_connection_carries_no_more_than_max_streams) {
  pool_settings settings;
  settings.max_streams = 3;
  settings.max_connections = 1;
  scripted_pool pool(settings, by_alpn);
  pool.burst(1, 5);
  EXPECT_EQ(pool.dialed(1, 100), "use c1 for r1; use c1 for r2; use c1 for r3");
  settings.max_streams = 4;
  EXPECT_EQ(pool.reconfigure(settings), "use c1 for r4");
  settings.max_streams = 2;
  EXPECT_EQ(pool.reconfigure(settings), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "use c1 for r5");
}

TEST(pool, requests_go_to_a_connection_below_the_target_then_to_an_idle_one_then_beyond_the_target) {
  pool_settings settings;
  settings.target_streams = 2;
  settings.max_h2_connections = 2;
  scripted_pool pool(settings, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.arrive(2);
  EXPECT_EQ(pool.arrive(3), "use c1 for r3; dial c2") << "beyond the target: one more is dialed beside";
  EXPECT_EQ(pool.arrive(4), "use c1 for r4") << "once";
  EXPECT_EQ(pool.dialed(2, 10), "");
  EXPECT_EQ(pool.counts().idle, 1U);
  EXPECT_EQ(pool.arrive(5), "use c2 for r5");
  EXPECT_EQ(pool.arrive(6), "use c2 for r6");
  EXPECT_EQ(pool.arrive(7), "use c1 for r7") << "both have as many as the target: in turn";
  EXPECT_EQ(pool.arrive(8), "use c2 for r8");
  EXPECT_EQ(pool.arrive(9), "use c1 for r9");
  pool.ends(2);
  pool.ends(2);
  EXPECT_EQ(pool.arrive(10), "use c2 for r10") << "below the target again";
}

TEST(pool, a_dial_beside_is_not_in_excess) {
  pool_settings settings;
  settings.target_streams = 1;
  settings.max_idle = 0;
  scripted_pool pool(settings, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2; dial c2");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.counts().connecting, 1U);
}

TEST(pool, no_connection_is_dialed_beside_while_one_waits_for_its_settings) {
  pool_settings settings;
  settings.target_streams = 1;
  scripted_pool pool(settings, known(2));
  pool.arrive(1);
  pool.dialed(1, 2);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2; dial c2");
  pool.dialed_without_settings(2);
  pool.arrive(3);
  EXPECT_EQ(pool.arrive(4), "use c2 for r4") << "by the limit that was learned";
  EXPECT_EQ(pool.carries(2, 3), "");
  EXPECT_EQ(pool.arrive(5), "use c2 for r5; dial c3");
}

TEST(pool, no_connection_is_dialed_beside_at_the_limit) {
  pool_settings settings;
  settings.target_streams = 1;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  EXPECT_EQ(pool.arrive(2), "use c1 for r2");
}

TEST(pool, another_target_holds_for_connections_with_streams) {
  pool_settings settings;
  settings.target_streams = 1;
  settings.max_h2_connections = 2;
  scripted_pool pool(settings, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.arrive(2);
  pool.dialed(2, 10);
  settings.target_streams = 3;
  pool.reconfigure(settings);
  EXPECT_EQ(pool.arrive(3), "use c1 for r3") << "below the new target, before the idle one";
  EXPECT_EQ(pool.arrive(4), "use c2 for r4");
}

TEST(pool, behaviour_10_a_limit_lowered_in_flight_lets_streams_end_and_blocks_nobody_for_good) {
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, by_alpn);
  pool.burst(1, 100);
  pool.dialed(1, 100);
  EXPECT_EQ(pool.carries(1, 1), "");
  pool.burst(101, 103);
  for (int each = 0; each < 99; ++each) {
    EXPECT_EQ(pool.ends(1), "") << "not below the limit yet";
  }
  EXPECT_EQ(pool.ends(1), "use c1 for r101");
  EXPECT_EQ(pool.ends(1), "use c1 for r102");
  EXPECT_EQ(pool.carries(1, 2), "use c1 for r103");
}

TEST(pool, behaviour_10_a_connection_whose_limit_is_zero_takes_nothing_until_it_is_raised) {
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, by_alpn);
  pool.arrive(1);
  pool.dialed(1, 10);
  EXPECT_EQ(pool.carries(1, 0), "");
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.counts().idle, 1U);
  pool.burst(2, 4);
  EXPECT_EQ(pool.counts().pending, 3U);
  EXPECT_EQ(pool.carries(1, 2), "use c1 for r2; use c1 for r3") << "in order of arrival";
  EXPECT_EQ(pool.ends(1), "use c1 for r4");
}

TEST(pool, a_connection_with_a_limit_of_zero_gives_way_to_another_and_ages) {
  pool_settings settings;
  settings.max_lifetime = 0ms;
  scripted_pool pool(settings, by_alpn);
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.ends(1);
  pool.pass(10s);
  EXPECT_EQ(pool.carries(1, 0), "");
  EXPECT_EQ(pool.arrive(2), "dial c2");
  pool.dialed(2, 10);
  EXPECT_EQ(pool.wakeup(), 60s);
  EXPECT_EQ(pool.live(60s), "close c1 idle_timeout");
}

TEST(pool, a_connection_that_brings_no_stream_is_kept_until_it_does) {
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, by_alpn);
  pool.arrive(1);
  pool.dialed_without_settings(1);
  pool.ends(1);
  pool.carries(1, 0);
  pool.arrive(2);
  EXPECT_EQ(pool.lost(1, close_reason::peer_closed_idle), "dial c2");
}

TEST(pool, a_limit_of_zero_keeps_an_idle_connection_out_of_use_everywhere) {
  for (const bool is_network : {true, false}) {
    scripted_pool pool({}, by_alpn);
    pool.arrive(1);
    pool.dialed(1, 10);
    pool.ends(1);
    pool.carries(1, 0);
    EXPECT_EQ(is_network ? pool.network_changed() : pool.close_idle(),
              is_network ? "close c1 network_changed" : "close c1 closed_by_user");
  }
}

TEST(pool, behaviour_04_a_suspect_that_carries_no_stream_for_want_of_a_limit_is_closed) {
  scripted_pool pool({}, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.arrive_fresh(2);
  pool.dialed(2, 10);
  pool.ends(1);
  pool.carries(1, 0);
  EXPECT_EQ(pool.lost(2, close_reason::dead_path), "close c1 suspect");
}

TEST(pool, behaviour_04_suspects_with_many_streams_take_no_new_one) {
  pool_settings settings;
  settings.target_streams = 2;
  scripted_pool pool(settings, known(10));
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.burst(2, 3);
  pool.dialed(2, 10);
  EXPECT_EQ(pool.lost(2, close_reason::dead_path), "");
  EXPECT_EQ(pool.arrive(4), "dial c3") << "c1 has room beyond its target, but is suspect";
  pool.ends(1);
  pool.ends(1);
  EXPECT_EQ(pool.ends(1), "close c1 suspect");
}

TEST(pool, behaviour_04_a_suspect_that_gets_room_by_new_settings_takes_no_new_stream) {
  pool_settings settings;
  settings.max_streams = 1;
  settings.max_h2_connections = 2;
  scripted_pool pool(settings, known(1));
  pool.burst(1, 2);
  pool.dialed(1, 10);
  pool.dialed(2, 10);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.arrive(3), "dial c3");
  settings.max_streams = 5;
  EXPECT_EQ(pool.reconfigure(settings), "");
  EXPECT_EQ(pool.ends(2), "close c2 suspect");
}

TEST(pool, behaviour_04_a_suspect_whose_settings_come_serves_no_fresh_request) {
  pool_settings settings;
  settings.max_h2_connections = 2;
  scripted_pool pool(settings, known(1));
  pool.burst(1, 2);
  pool.dialed(1, 1);
  pool.dialed_without_settings(2);
  pool.lost(1, close_reason::dead_path);
  EXPECT_EQ(pool.arrive_fresh(3), "dial c3");
  EXPECT_EQ(pool.carries(2, 10), "");
  EXPECT_EQ(pool.ends(2), "close c2 suspect");
}

TEST(pool, a_fresh_request_does_not_wait_for_the_settings_of_a_connection_that_nobody_uses) {
  scripted_pool pool({}, by_alpn);
  pool.prewarm(1);
  pool.dialed_without_settings(1);
  EXPECT_EQ(pool.arrive_fresh(1), "dial c2");
}

TEST(pool, a_second_refused_stream_retires_the_connection) {
  scripted_pool pool({}, by_alpn);
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.burst(2, 4);
  EXPECT_EQ(pool.refuses_stream(1), "");
  EXPECT_EQ(pool.arrive(5), "use c1 for r5") << "the first is replayed on the same connection";
  EXPECT_EQ(pool.ends(1), "");
  EXPECT_EQ(pool.refuses_stream(1), "");
  EXPECT_EQ(pool.arrive(6), "dial c2");
  EXPECT_EQ(pool.refuses_stream(1), "");
  EXPECT_EQ(pool.ends(1), "close c1 refused");
}

TEST(pool, a_refused_stream_makes_room_for_a_waiter) {
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, known(1));
  pool.arrive(1);
  pool.dialed(1, 1);
  pool.arrive(2);
  EXPECT_EQ(pool.refuses_stream(1), "use c1 for r2");
  EXPECT_EQ(pool.refuses_stream(1), "close c1 refused");
}

TEST(pool, streams_refused_because_the_limit_was_not_known_yet_do_not_retire_the_connection) {
  scripted_pool pool({}, known(10));
  pool.burst(1, 10);
  pool.dialed_without_settings(1);
  EXPECT_EQ(pool.counts().streams, 10U);
  pool.carries(1, 7);
  for (int each = 0; each < 3; ++each) {
    EXPECT_EQ(pool.refuses_stream(1), "");
  }
  pool.ends(1);
  EXPECT_EQ(pool.arrive(11), "use c1 for r11");
}

TEST(pool, a_stream_refused_on_a_draining_connection_just_ends) {
  scripted_pool pool({}, by_alpn);
  pool.arrive(1);
  pool.dialed(1, 10);
  pool.burst(2, 2);
  pool.drains(1, close_reason::goaway);
  EXPECT_EQ(pool.refuses_stream(1), "");
  EXPECT_EQ(pool.refuses_stream(1), "close c1 goaway");
  EXPECT_EQ(pool.refuses_stream(1), "");
}

TEST(pool, behaviour_12_a_draining_connection_is_out_of_use_at_once_and_lets_its_streams_end) {
  scripted_pool pool({}, known(100));
  pool.burst(1, 5);
  pool.dialed(1, 100);
  EXPECT_EQ(pool.drains(1, close_reason::goaway), "");
  EXPECT_EQ(pool.refuses_stream(1), "") << "above the last stream of the GOAWAY";
  EXPECT_EQ(pool.arrive(5), "dial c2");
  for (int each = 0; each < 3; ++each) {
    EXPECT_EQ(pool.ends(1), "");
  }
  EXPECT_EQ(pool.ends(1), "close c1 goaway");
  EXPECT_EQ(pool.dialed(2, 100), "use c2 for r5");
}

TEST(pool, behaviour_13_a_retired_connection_keeps_its_streams_and_its_slot) {
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, known(100));
  pool.burst(1, 2);
  pool.dialed(1, 100);
  pool.drains(1, close_reason::dead_path);
  EXPECT_EQ(pool.arrive(3), "");
  EXPECT_EQ(pool.lost(1, close_reason::dead_path), "dial c2");
  EXPECT_EQ(pool.counts().streams, 0U);
}

TEST(pool, behaviour_09_a_stream_that_is_held_back_is_not_given_out) {
  // Whoever drives holds a slot back by not reporting the stream's end.
  pool_settings settings;
  settings.max_h2_connections = 1;
  scripted_pool pool(settings, known(2));
  pool.burst(1, 3);
  pool.dialed(1, 2);
  EXPECT_EQ(pool.counts().pending, 1U);
  EXPECT_EQ(pool.counts().streams, 2U);
  EXPECT_EQ(pool.ends(1), "use c1 for r3");
}

}  // namespace
}  // namespace warmwire::pool::multiplexing_test

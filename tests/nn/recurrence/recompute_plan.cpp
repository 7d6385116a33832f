// Plans against what all schedules can do.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index most_segments = 60, most_states = 8;

/// How many segments are run, by the best of all schedules, and by that of next_snapshot.
struct Schedules {
    double best[most_segments][most_states] = {}, ours[most_segments][most_states] = {};

    Schedules() {
        for (Index n = 2; n < most_segments; ++n)
            for (Index c = 1; c < most_states; ++c) best[n][c] = best_of(n, c), ours[n][c] = ours_of(n, c);
    }

private:
    static double with_one_state(Index n) { return static_cast<double>(n * (n - 1) / 2); }
    double best_of(Index n, Index c) const {
        double out = c == 1 ? with_one_state(n) : std::numeric_limits<double>::infinity();
        for (Index k = 1; c > 1 && k < n; ++k)
            out = std::min(out, static_cast<double>(k) + best[n - k][c - 1] + best[k][c]);
        return out;
    }
    double ours_of(Index n, Index c) const {
        if (c == 1) return with_one_state(n);
        Index const k = next_snapshot(n, c);
        return static_cast<double>(k) + ours[n - k][c - 1] + ours[k][c];
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(recompute_plans)

BOOST_AUTO_TEST_CASE(schedules_run_as_few_segments_as_any) {
    Schedules const all;
    for (Index n = 2; n < most_segments; ++n)
        for (Index c = 1; c < most_states; ++c) {
            BOOST_TEST_INFO(n << " segments, " << c << " states");
            BOOST_TEST(advances(n, c) == all.best[n][c]);
            BOOST_TEST(all.ours[n][c] == all.best[n][c]);
        }
    BOOST_TEST(advances(1, 3) == 0);
}

BOOST_AUTO_TEST_CASE(a_plan_is_the_cheapest_that_fits) {
    ScanCosts const costs{.always = 1000, .a_state = 30, .a_step = 100, .block = 4};
    auto const bytes = [&](Index k, Index c) { return 1000 + static_cast<std::size_t>(100 * k + 30 * c); };
    for (std::size_t memory : {1100u, 1400u, 1500u, 2000u, 5000u, 20000u}) {
        RecomputePlan const plan = plan_recomputing(301, costs, Bytes{memory});
        BOOST_TEST_INFO(memory << " bytes: " << plan.segment << " steps, " << plan.snapshots << " states");
        BOOST_TEST(plan.bytes == bytes(plan.segment, plan.snapshots));
        BOOST_TEST(plan.bytes <= memory);
        BOOST_TEST((plan.segment == 1 || plan.segment % 4 == 0));
        double least = std::numeric_limits<double>::infinity();
        for (Index k = plan.segment == 1 ? 1 : 4; k < 301; k += plan.segment == 1 ? 1 : 4)
            for (Index c = 0; c < 301 && bytes(k, c) <= memory; ++c) {
                double const n = static_cast<double>((301 + k - 1) / k);
                least = std::min(least, 602 + static_cast<double>(k) * (advances((301 + k - 1) / k, c + 1) - n + 1));
            }
        BOOST_TEST(plan.computed <= 1.03 * least);  // lengths a twentieth apart are tried
    }
}

BOOST_AUTO_TEST_CASE(plans_of_endless_scans_are_made_at_once) {
    for (Index steps : {Index{1'000'000'000'000}, Index{1'000'000'000'000'000'000}})
        for (std::size_t states : {1u, 2u, 3u, 50u, 1000u}) {
            ScanCosts const costs{.always = 0, .a_state = 1'000'000, .a_step = 1};
            RecomputePlan const plan = plan_recomputing(steps, costs, Bytes{states * 1'000'000 + 500'000});
            BOOST_TEST(plan.bytes <= states * 1'000'000 + 500'000);
            BOOST_TEST(plan.computed >= static_cast<double>(steps));
        }
}

BOOST_AUTO_TEST_CASE(what_fits_is_not_computed_again) {
    RecomputePlan const plan = plan_recomputing(50, {.always = 0, .a_state = 10, .a_step = 10}, 1_kB);
    BOOST_TEST(!plan.recomputes());
    BOOST_TEST(plan.segments() == 1);
    BOOST_TEST(plan.passes() == 1);
    BOOST_TEST(plan.bytes == 500u);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_says_what_would) {
    ScanCosts const costs{.always = 1000, .a_state = 30, .a_step = 100};
    BOOST_CHECK_EXCEPTION(plan_recomputing(7, costs, Bytes{1099}), ValueError, [](ValueError const& e) {
        return std::string(e.what()).ends_with(
            "a scan of 7 steps does not fit in 1099 bytes of memory: it needs 1100 at least");
    });
    BOOST_TEST(plan_recomputing(7, costs, Bytes{1100}).segment == 1);
}

BOOST_AUTO_TEST_CASE(amounts_of_memory_are_decimal) {
    BOOST_TEST((3_kB).count == 3000u);
    BOOST_TEST((64_MB).count == 64'000'000u);
    BOOST_TEST((2_GB).count == 2'000'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

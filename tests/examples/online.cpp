// Streams that are learned while they go on.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <online/streams.hpp>

BOOST_AUTO_TEST_SUITE(of_streams)

// The answer is two steps ago, then the opposite of that: what truncation to two steps does not see.
BOOST_AUTO_TEST_CASE(a_rule_that_changes_is_learned_again) {
    using enum streams::Method;
    streams::EchoOptions const o{
        .steps = 2000, .hidden = 8, .delay = 2, .delay_later = 2, .truncation = 2, .rate = 1e-2};
    auto const exact = streams::echo(rtrl, o), part = streams::echo(snap_1, o), blind = streams::echo(truncated, o);
    BOOST_TEST(exact.learned < 0.1);
    BOOST_TEST(exact.surprised > 10 * exact.learned);
    BOOST_TEST(exact.learned_again < 0.1);
    BOOST_TEST(part.learned_again < blind.learned_again);
    BOOST_TEST(blind.learned > 0.5);
    BOOST_TEST(blind.learned_again > 0.5);
}

BOOST_AUTO_TEST_CASE(influences_that_balance_need_all_of_the_past) {
    using enum streams::Method;
    BOOST_TEST(streams::balance(rtrl) < 1e-6);
    BOOST_TEST(std::isinf(streams::balance(truncated)));
    BOOST_TEST(streams::balance(truncated, {.steps = 8000, .truncation = 200}) < 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()

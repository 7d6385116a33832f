// Curves in one line of text.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

BOOST_AUTO_TEST_SUITE(curves_in_a_line)

BOOST_AUTO_TEST_CASE(are_made_of_eight_blocks) {
    using List = std::vector<double>;
    BOOST_TEST(sparkline(List{1, 2, 3, 4, 5, 6, 7, 8}, {.logarithmic = false}) == "▁▂▃▄▅▆▇█");
    BOOST_TEST(sparkline(List{1e-7, 1e-3, 1, 0, NAN, HUGE_VAL}) == "▁▅█ ××");
    BOOST_TEST(sparkline(List{2, 2}) == "██");
    BOOST_TEST(sparkline(List{1, 8, 1, 1, 1, 64}, {.width = 3}) == "▅▁█");  // log 8 is half of log 64
    BOOST_TEST(sparkline(List{0.5}, {.logarithmic = false, .low = 0, .high = 1}) == "▅");
    BOOST_TEST(sparkline(List{}) == "");
    BOOST_CHECK_THROW(sparkline(List{1}, {.width = 0}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()

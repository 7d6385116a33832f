// Shapes and strides.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

using namespace unspool;
using namespace unspool::core;

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(lists_of_up_to_six) {
    Shape s{2, 3};
    s.push_back(4), s.insert(0, 7), s.insert(3, 9);
    BOOST_TEST((s == Shape{7, 2, 3, 9, 4}));
    s.erase(1), s.pop_back();
    BOOST_TEST((s == Shape{7, 3, 9}));
    BOOST_TEST(s.back() == 9);
    BOOST_TEST(!(s == Shape{7, 3}));
    BOOST_TEST((Shape::of(std::vector<std::size_t>{5, 0}) == Shape{5, 0}));
}

BOOST_AUTO_TEST_CASE(a_seventh_axis_is_refused) {
    Shape s{1, 2, 3, 4, 5, 6};
    BOOST_CHECK_THROW(s.push_back(7), ShapeError);
    BOOST_CHECK_THROW(s.insert(0, 7), ShapeError);
    BOOST_CHECK_THROW((Shape{1, 2, 3, 4, 5, 6, 7}), ShapeError);
    BOOST_CHECK_THROW(Shape::of(std::vector<int>(7, 1)), ShapeError);
    BOOST_TEST((s == Shape{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(number_of_elements) {
    BOOST_TEST(count({}) == 1);
    BOOST_TEST(count({3, 0, 5}) == 0);
    BOOST_TEST(count({3, 4, 5}) == 60);
    BOOST_CHECK_THROW(count({Index{1} << 32, Index{1} << 31}), ShapeError);
    BOOST_CHECK_THROW(count({3, -1}), ShapeError);
    BOOST_CHECK_THROW(count({0, Index{1} << 62, Index{1} << 62}), ShapeError);
    BOOST_CHECK_THROW(count({Index{1} << 62, 0}), ShapeError);
    BOOST_TEST(count({0, most_elements}) == 0);
    BOOST_TEST(count({most_elements}) == most_elements);
    BOOST_CHECK_THROW(count({most_elements + 1}), ShapeError);
}

BOOST_AUTO_TEST_CASE(strides_of_a_contiguous_array) {
    BOOST_TEST((row_major({2, 3, 4}) == Strides{12, 4, 1}));
    BOOST_TEST((row_major({}) == Strides{}));
}

BOOST_AUTO_TEST_CASE(as_text) {
    BOOST_TEST(text(Shape{32, 10}) == "[32,10]");
    BOOST_TEST(text(Shape{}) == "[]");
}

BOOST_AUTO_TEST_CASE(broadcasting) {
    auto const both = [](Shape a, Shape const& b) { return broadcast(a, b) ? text(a) : "refused"; };
    BOOST_TEST(both({2, 3}, {3}) == "[2,3]");
    BOOST_TEST(both({3}, {2, 3}) == "[2,3]");
    BOOST_TEST(both({2, 1}, {1, 5}) == "[2,5]");
    BOOST_TEST(both({}, {4}) == "[4]");
    BOOST_TEST(both({1}, {0}) == "[0]");
    BOOST_TEST(both({0}, {1}) == "[0]");
    BOOST_TEST(both({2}, {0}) == "refused");
    BOOST_TEST(both({2, 3}, {2}) == "refused");
    BOOST_TEST((broadcast_strides({3, 1}, {1, 1}, {2, 3, 4}) == Strides{0, 1, 0}));
}

BOOST_AUTO_TEST_CASE(axes_counted_from_either_end) {
    BOOST_TEST(normalized_axis(0, 2) == 0);
    BOOST_TEST(normalized_axis(-1, 2) == 1);
    BOOST_TEST(normalized_axis(-2, 2) == 0);
    BOOST_TEST(normalized_axis(2, 2) == -1);
    BOOST_TEST(normalized_axis(-3, 2) == -1);
    BOOST_TEST(normalized_axis(0, 0) == -1);
}

BOOST_AUTO_TEST_CASE(indices_in_row_major_order) {
    std::vector<Index> seen;
    each_index({2, 3}, [&](Index const* at) { seen.push_back(10 * at[0] + at[1]); });
    BOOST_TEST((seen == std::vector<Index>{0, 1, 2, 10, 11, 12}));
    int calls = 0;
    each_index({}, [&](Index const*) { ++calls; });
    each_index({2, 0}, [&](Index const*) { calls += 10; });
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_SUITE_END()

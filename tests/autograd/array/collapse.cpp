// Views of views: which are one view, and that all show what copies would.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Fixture {
    Tape tape{float64};
    Var x = tape.input(xt::xarray<double>(xt::arange(120.).reshape({12, 10})), "x");

    /// How many views lead from it to the value of a node.
    static int depth(Var const& v) {
        int n = 0;
        for (Window const* w = &v.window(); w->parent; w = w->parent) ++n;
        return n;
    }
};

using View = std::function<Var(Var)>;

std::vector<View> const& views() {
    static std::vector<View> const all{[](Var v) { return slice(v, 0, 1, 5); },
                                       [](Var v) { return slice(v, 0, 0, v.size(0)); },
                                       [](Var v) { return slice(v, 1, 1, -1); },
                                       [](Var v) { return slice(v, 0, 1, 4, 2); },
                                       [](Var v) { return slice(v, 0, 0, v.size(0), 3); },
                                       [](Var v) { return slice(v, 1, 1, v.size(1), 2); },
                                       [](Var v) { return slice(v, 0, 2, 2); },
                                       [](Var v) { return flip(v, 0); },
                                       [](Var v) { return flip(v, 1); },
                                       [](Var v) { return transpose(v); },
                                       [](Var v) { return squeeze(unsqueeze(v, 1), 1); },
                                       [](Var v) {
                                           return reshape(v, {v.size(1), v.size(0)});
                                       },
                                       [](Var v) { return piece(v, 0, 1, 0); },
                                       [](Var v) { return unsqueeze(v[0], 0); }};
    return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(views_of_views, Fixture)

BOOST_AUTO_TEST_CASE(a_part_of_a_part_is_a_part) {
    BOOST_TEST(label(slice(slice(x, 0, 2, 9), 0, 1, 4)) == "x[3:6]");
    BOOST_TEST(label(slice(slice(x, 1, 2, 9), 1, 1, 4)) == "x[:,3:6]");
    BOOST_TEST(label(slice(slice(x, 0, 2, 9), 0, 1, 7, 2)) == "x[3:9:2]");
    BOOST_TEST(label(slice(slice(x, 0, 1, 12, 2), 0, 1, 3)) == "x[3:6:2]");
    BOOST_TEST(label(slice(slice(x, 0, 1, 12, 2), 0, 1, 6)) == "x[3::2]");
    BOOST_TEST(label(slice(slice(x, 0, 1, 12, 2), 0, 0, 6, 3)) == "x[1::6]");
    BOOST_TEST(label(slice(slice(x, 0, 2, 9), 1, 1, 4)) == "x[2:9][:,1:4]");  // along another axis
    BOOST_TEST(depth(slice(slice(slice(x, 0, 2, 9), 0, 1, 4), 0, 0, 2)) == 1);
    BOOST_TEST(depth(slice(x, 0, 0, 12)) == 1);  // whose line may give it a name
}

BOOST_AUTO_TEST_CASE(what_undoes_a_view_leads_back) {
    BOOST_TEST(&flip(flip(x, 0), 0).window() == &x.window());
    BOOST_TEST(&transpose(transpose(x)).window() == &x.window());
    BOOST_TEST(&reshape(reshape(x, {120}), {12, 10}).window() == &x.window());
    BOOST_TEST(&squeeze(unsqueeze(x, 1), 1).window() == &x.window());
    BOOST_TEST(label(flip(flip(x, 0), 1)) == "x[::-1][:,::-1]");
    Var const row = slice(x, 0, 3, 4), columns = transpose(x);
    BOOST_TEST(&flip(row, 0).window() == &row.window());
    BOOST_TEST(&slice(columns, 0, 0, 10).window() == &columns.window());
    Var const three = tape.input(xt::xarray<double>(xt::arange(24.).reshape({2, 3, 4})), "three");
    BOOST_TEST(depth(permute(permute(three, {1, 2, 0}), {1, 2, 0})) == 1);
    BOOST_TEST(&permute(permute(permute(three, {1, 2, 0}), {1, 2, 0}), {1, 2, 0}).window() == &three.window());
}

BOOST_AUTO_TEST_CASE(names_and_detached_values_keep_their_place) {
    Var const a = slice(x, 0, 2, 9).named("a");
    BOOST_TEST(label(slice(a, 0, 1, 4)) == "a[1:4]");
    Var const fixed = flip(x, 0).detach(), back = flip(fixed, 0);
    BOOST_TEST(!back.requires_grad());
    BOOST_TEST(!slice(slice(x, 0, 2, 9).detach(), 0, 1, 4).requires_grad());
}

BOOST_AUTO_TEST_CASE(numbers_that_are_too_large_stay_apart) {
    constexpr Index large = Index{1} << 62;
    Var const v           = slice(slice(x, 0, 0, 12, large), 0, 0, 1, large);
    BOOST_TEST((v.shape() == Shape{1, 10} && v.value<double>()(0, 3) == 3));
}

BOOST_AUTO_TEST_CASE(all_show_what_copies_would) {
    auto const apart = [](Var v) -> Var { return v * 1.0; };  // has a node of its own
    for (View const& f : views())
        for (View const& g : views())
            for (View const& h : views()) {
                Tape::Mark const before = tape.mark();
                try {
                    Var const one = h(g(f(x))), copied = h(apart(g(apart(f(apart(x))))));
                    BOOST_REQUIRE(one.shape() == copied.shape());
                    BOOST_REQUIRE(one.value<double>() == copied.value<double>());
                    auto const weighed = [](Var v) -> Var { return sum(v * v * v); };
                    BOOST_REQUIRE(
                        (backward(weighed(one))[x].value<double>() == backward(weighed(copied))[x].value<double>()));
                } catch (IndexError const&) {}  // too short for it
                tape.rewind(before);
            }
}

BOOST_AUTO_TEST_SUITE_END()

// The linear recurrence against a loop over its equation, and against the gradients of one node a step.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <ops/checks.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using ElementTypes = boost::mpl::list<float, double>;

template <Real T> constexpr double few_roundings = std::same_as<T, float> ? 1e-5 : 1e-13;

/// As the equation has it, one node a step.
Var by_steps(Var a, Var b, Var h) {
    std::vector<Var> out;
    for (Index t = 0; t < a.size(0); ++t) out.push_back(h = a[t] * h + b[t]);
    return stack(out);
}

/// Value and gradients of what `f` makes of three operands.
template <class F> std::vector<xt::xarray<double>> recurred(std::vector<xt::xarray<double>> const& arrays, F f) {
    Tape tape(float64);
    std::vector<Var> xs;
    for (auto const& x : arrays) xs.push_back(tape.input(x));
    Var const y       = f(xs[0], xs[1], xs[2]);
    Gradients const g = backward(y, checks::ordinary(y.shape(), 5));
    std::vector<xt::xarray<double>> out{y.value<double>()};
    for (Var const& x : xs) out.push_back(g[x].value<double>());
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(linear_recurrences)

BOOST_AUTO_TEST_CASE_TEMPLATE(each_state_is_made_of_the_one_before, T, ElementTypes) {
    for (std::size_t n : {1u, 3u, 16u, 37u}) {
        auto const a = checks::ordinary({6, Index(n)}, 1), b = checks::ordinary({6, Index(n)}, 2),
                   h0 = checks::ordinary({Index(n)}, 3);
        Tape tape(dtype_of<T>);
        Var const y          = linear_recurrence(tape.input(a), tape.input(b), tape.input(h0));
        xt::xarray<double> h = h0, want = xt::zeros<double>({std::size_t{6}, n});
        for (std::size_t t = 0; t < 6; ++t)
            for (std::size_t j = 0; j < n; ++j) want(t, j) = h(j) = a(t, j) * h(j) + b(t, j);
        BOOST_TEST(golden::near(y.value<T>(), want, few_roundings<T>), n);
    }
}

BOOST_AUTO_TEST_CASE(it_is_one_node_with_the_gradients_of_many) {
    std::vector<xt::xarray<double>> const xs{checks::ordinary({7, 2, 5}, 1), checks::ordinary({7, 2, 5}, 2),
                                             checks::ordinary({2, 5}, 3)};
    auto const one  = recurred(xs, [](Var a, Var b, Var h) { return linear_recurrence(a, b, h); }),
               many = recurred(xs, by_steps);
    for (std::size_t k = 0; k < one.size(); ++k) BOOST_TEST(golden::near(one[k], many[k], 1e-13), k);
    Tape tape(float64);
    Var a = tape.input(xs[0]), b = tape.input(xs[1]), h = tape.input(xs[2]);
    NodeId const before = tape.size();
    linear_recurrence(a, b, h);
    BOOST_TEST(tape.size() == before + 1);
}

BOOST_AUTO_TEST_CASE(what_is_smaller_is_the_same_at_all_steps) {
    std::vector<xt::xarray<double>> const xs{checks::ordinary({5}, 1), checks::ordinary({4, 2, 5}, 2),
                                             checks::ordinary({2, 1}, 3)};
    auto const small = recurred(xs, [](Var a, Var b, Var h) { return linear_recurrence(a, b, h); }),
               whole = recurred(xs, [](Var a, Var b, Var h) {
                   return linear_recurrence(broadcast_to(a, {4, 2, 5}), b, broadcast_to(h, {2, 5}));
               });
    for (std::size_t k = 0; k < small.size(); ++k) BOOST_TEST(golden::near(small[k], whole[k], 1e-13), k);
}

BOOST_AUTO_TEST_CASE(from_zeros_and_of_no_steps) {
    Tape tape(float64);
    Var a = tape.input(checks::ordinary({3, 2}, 1)), b = tape.input(checks::ordinary({3, 2}, 2)),
        none = tape.input(xt::xarray<double>::from_shape({0, 2})), h = tape.input(checks::ordinary({2}, 3));
    BOOST_TEST(golden::near(linear_recurrence(a, b).value<double>(),
                            linear_recurrence(a, b, tape.zeros({2})).value<double>(), 0));
    Var const nothing = linear_recurrence(none, none, h);
    BOOST_TEST((nothing.shape() == Shape{0, 2}));
    BOOST_TEST(golden::near(backward(sum(nothing))[h].value<double>(), xt::xarray<double>{0, 0}, 0));
}

BOOST_AUTO_TEST_CASE(behind_the_last_step_is_no_decay) {  // by which a zero could become NaN
    Tape tape(float64);
    Var const a = tape.input(xt::xarray<double>{0.5, std::numeric_limits<double>::infinity()}),
              b = tape.input(xt::xarray<double>{1, 1});
    BOOST_TEST(backward(linear_recurrence(a, b)[1])[b].value<double>()(1) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(log_cumulative_sums)

BOOST_AUTO_TEST_CASE_TEMPLATE(are_logsumexp_of_each_beginning, T, ElementTypes) {
    auto const xs = checks::ordinary({2, 9, 3}, 4);
    for (double offset : {0.0, 1e4, -1e4}) {
        Tape tape(dtype_of<T>);
        Var const x = tape.input(xt::xarray<double>(xs + offset)), y = logcumsumexp(x, 1);
        for (Index j = 0; j < 9; ++j)
            BOOST_TEST(golden::near(index(y, 1, j).template value<T>(),
                                    logsumexp(slice(x, 1, 0, j + 1), 1).template value<T>(), few_roundings<T>),
                       j);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_huge_numbers_and_of_none, T, ElementTypes) {
    T const inf_here = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    auto const gradient = [](xt::xarray<T> const& xs) {
        Tape tape(dtype_of<T>);
        Var const x = tape.input(xs), y = logcumsumexp(x, 0);
        return std::pair{xt::xarray<T>(y.value<T>()), xt::xarray<T>(backward(y, xt::ones<T>(xs.shape()))[x])};
    };
    auto const [y, dy] = gradient({-inf_here, -inf_here, 0, -inf_here, 0});
    T const log2       = std::log(T(2));
    BOOST_TEST(golden::near(y, xt::xarray<T>{-inf_here, -inf_here, 0, 0, log2}, 1e-7));
    BOOST_TEST(golden::near(dy, xt::xarray<T>{0, 0, 2.5, 0, 0.5}, 1e-6));
    auto const [h, dh] = gradient({T(1e30), T(1e30), T(-1e30)});
    BOOST_TEST(golden::near(dh, xt::xarray<T>{2, 1, 0}, 1e-6));
    auto const bad = gradient({0, nan, 0}).first;
    BOOST_TEST((bad(0) == 0 && std::isnan(bad(1)) && std::isnan(bad(2))));
    auto const top = gradient({0, inf_here, 0}).first;
    BOOST_TEST((top(0) == 0 && top(1) == inf_here && top(2) == inf_here));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rolls)

BOOST_AUTO_TEST_CASE(move_what_leaves_to_the_other_end) {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}}), y = roll(x, 1, 1);
    BOOST_TEST(golden::near(y.value<double>(), xt::xarray<double>{{3, 1, 2}, {6, 4, 5}}, 0));
    BOOST_TEST(golden::near(roll(x, -1, 1).value<double>(), xt::xarray<double>{{2, 3, 1}, {5, 6, 4}}, 0));
    BOOST_TEST(golden::near(roll(x, 7, 1).value<double>(), y.value<double>(), 0));
    BOOST_TEST(golden::near(roll(x, -5, 1).value<double>(), y.value<double>(), 0));
    BOOST_TEST(golden::near(roll(x, 2, 0).value<double>(), x.value<double>(), 0));
    Gradients const g = backward(y, xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
    BOOST_TEST(golden::near(g[x].value<double>(), xt::xarray<double>{{2, 3, 1}, {5, 6, 4}}, 0));
    BOOST_TEST((roll(tape.input(xt::xarray<double>::from_shape({0, 3})), 1, 0).shape() == Shape{0, 3}));
}

BOOST_AUTO_TEST_SUITE_END()

// Gradients that are guesses, and the directions that they are made of.
#include <cmath>
#include <nn/online/learning.hpp>
#include <numeric>
#include <unspool/nn/online/step_sweeps.hpp>

using namespace online;

BOOST_AUTO_TEST_SUITE(online_guesses)

BOOST_AUTO_TEST_CASE(are_forgotten_where_it_begins_again) {
    Params p(2, float64);
    Small const cell(p);
    Random random(5), same(6);
    Uoro used(cell, p, random), fresh(cell, p, same);
    for (int t = 0; t < 5; ++t) used.step(one(t));
    used.reset();
    random = same;
    for (int t = 0; t < 3; ++t) {
        auto const loss = [](Var h) { return sum(square(h)); };
        List const a    = used.step(one(0.4), loss).gradients.flatten(p),
                   b    = fresh.step(one(0.4), loss).gradients.flatten(p);
        BOOST_TEST(a == b, boost::test_tools::per_element());
    }
}

// Over 20,000 runs.
BOOST_AUTO_TEST_CASE(have_no_bias) {
    Params p(2, float64);
    Small const cell(p);
    auto const c = core::stepped_cell(cell);
    Stream const stream(c, {{1}}, 1, 4);
    List const exact = through_time(c, p, stream, 1).last;
    Random random(11);
    Uoro learner(cell, p, random);
    constexpr int runs = 20000;
    List sum(exact.size(), 0.0), squares = sum;
    for (int run = 0; run < runs; ++run) {
        learner.reset();
        for (std::size_t t = 0; t < 3; ++t) learner.step(stream.xs[t]);
        auto const g = learner.step(stream.xs[3], [&](Var h) { return cost(h, stream.ys[3]); }).gradients.flatten(p);
        for (std::size_t k = 0; k < g.size(); ++k) sum[k] += g[k] / runs, squares[k] += g[k] * g[k] / runs;
    }
    for (std::size_t k = 0; k < exact.size(); ++k) {
        double const error = std::sqrt((squares[k] - sum[k] * sum[k]) / runs);
        BOOST_TEST(std::abs(sum[k] - exact[k]) < 4 * error, k << ": " << sum[k] << " ± " << error << ", " << exact[k]);
        BOOST_TEST(error < 0.1 * std::abs(exact[k]) + 0.05);
    }
}

BOOST_AUTO_TEST_CASE(are_as_they_were_where_a_step_fails) {
    Params p(2, float64);
    Small const cell(p);
    Random random(5), same(5);
    Uoro uoro(cell, p, random), other(cell, p, same);
    Rtrl rtrl(cell, p), untouched(cell, p);
    Numbers const x  = one(0.7), y{{1, 0, -1}};
    auto const loss  = [&](Var h) { return cost(h, y); };
    auto const fails = [&](Var) -> Var { throw ValueError("no loss"); };
    for (int t = 0; t < 4; ++t) {
        BOOST_CHECK_THROW(rtrl.step(x, fails), ValueError);
        BOOST_CHECK_THROW(uoro.step(x, fails), ValueError);
        BOOST_CHECK_THROW(rtrl.step(Numbers{{1, 2}, {1, 2}}, loss), ShapeError);
        BOOST_CHECK_THROW(rtrl.step(std::vector{x, x}, loss), ShapeError);
        BOOST_CHECK_THROW(rtrl.step(x, [](Var h) { return Var(2 * h); }), ShapeError);
        auto const a = rtrl.step(x, loss), b = untouched.step(x, loss), c = uoro.step(x, loss), d = other.step(x, loss);
        BOOST_TEST(a.gradients.flatten(p) == b.gradients.flatten(p), boost::test_tools::per_element());
        BOOST_TEST(c.gradients.flatten(p) == d.gradients.flatten(p), boost::test_tools::per_element());
    }
}

// Of a state of two parts of different sizes: by the rows of the Jacobian.
BOOST_AUTO_TEST_CASE(sees_directions_through_all_parts_of_a_state) {
    Params const p(2, float64);
    Random random(3);
    Tape tape(float64);
    std::vector<Var> const before{tape.input(drawn({1, 2}, random)), tape.input(drawn({1, 3}, random))};
    Var a = before[0] * sum(before[1]), b = tanh(before[1] * sum(before[0]));
    core::StepSweeps const sweeps(before, {a, b}, p);
    List const v{0.3, -1, 2, 0.7, -0.4};
    List const got = sweeps.along(v);
    List expected;
    for (std::size_t i = 0; i < 5; ++i) {
        List const row = sweeps.row(i).state;
        expected.push_back(std::inner_product(row.begin(), row.end(), v.begin(), 0.0));
    }
    BOOST_TEST(apart(got, expected) <= 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()

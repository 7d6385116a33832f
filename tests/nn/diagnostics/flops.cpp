// What nodes cost: by hand where it is a sum over something, and never less than an element each.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <unspool/nn/deploy/flops.hpp>
#include <unspool/ops/all_ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

Var ones(Tape& tape, Shape const& shape) {
    return tape.input(xt::xarray<double>(xt::ones<double>(std::vector<std::size_t>(shape.begin(), shape.end()))));
}
/// Of all that was recorded.
Index flops_on(Tape const& tape) {
    Index out = 0;
    for (Node const* n : tape.nodes())
        if (n->rule) out += flops_of(*n);
    return out;
}
template <class F> Index cost(std::vector<Shape> const& shapes, F f) {
    Tape tape(float64);
    std::vector<Var> x;
    for (Shape const& s : shapes) x.push_back(ones(tape, s));
    [[maybe_unused]] Var const y = f(x);
    return flops_on(tape);
}

bool anything_empty(Example const& e) {
    return std::any_of(e.shapes.begin(), e.shapes.end(), [](Shape const& s) { return count(s) == 0; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flops_of_nodes)

BOOST_AUTO_TEST_CASE(are_those_of_the_sums_that_they_are) {
    BOOST_TEST(cost({{2, 3}, {3, 5}}, [](auto x) { return matmul(x[0], x[1]); }) == 2 * 2 * 3 * 5);
    BOOST_TEST(cost({{4, 2, 3}, {4, 3, 5}}, [](auto x) { return matmul(x[0], x[1]); }) == 4 * 2 * 2 * 3 * 5);
    BOOST_TEST(cost({{2, 3}, {3, 5}}, [](auto x) { return einsum("ij,jk->ik", x[0], x[1]); }) == 2 * 2 * 3 * 5);
    // 2 sequences, 6 outputs of 4 channels, each a sum over 3 channels and 5 taps
    BOOST_TEST(cost({{2, 3, 10}, {4, 3, 5}}, [](auto x) { return conv1d(x[0], x[1]); }) == 2 * 2 * 6 * 4 * 3 * 5);
    BOOST_TEST(cost({{2, 4, 10}, {4, 2, 5}}, [](auto x) { return conv1d(x[0], x[1], {.groups = 2}); }) ==
               2 * 2 * 6 * 4 * 2 * 5);
    BOOST_TEST(cost({{1, 3, 8, 8}, {4, 3, 3, 3}}, [](auto x) { return conv2d(x[0], x[1], {.padding = 1}); }) ==
               2 * 64 * 4 * 3 * 9);
    BOOST_TEST(cost({{7, 2, 3}, {7, 2, 3}, {2, 3}}, [](auto x) { return linear_recurrence(x[0], x[1], x[2]); }) ==
               2 * 7 * 2 * 3);
}

BOOST_AUTO_TEST_CASE(of_decompositions_are_cubic) {
    auto const diagonal = [](Index n, auto f) {
        Tape tape(float64);
        Var const a                  = tape.input(xt::xarray<double>(xt::eye<double>(static_cast<std::size_t>(n))));
        [[maybe_unused]] Var const y = f(a);
        return flops_on(tape);
    };
    BOOST_TEST(diagonal(6, [](Var a) { return inverse(a); }) == 2 * 216);
    BOOST_TEST(diagonal(6, [](Var a) { return cholesky(a); }) == 216 / 3);
    BOOST_TEST(diagonal(6, [](Var a) { return logdet(a); }) == 2 * 216 / 3);
    BOOST_TEST(diagonal(6, [](Var a) { return solve(a, a); }) == 2 * 216 / 3 + 2 * 216);
}

/// Each example of what sums products costs more than its result has elements; a sum of nothing is free.
BOOST_AUTO_TEST_CASE(of_no_sum_of_products_are_those_of_a_copy) {
    using Multiplying =
        WithExamples<Matmul, BatchedMatmul, Projection, Bilinear, Conv1d, Conv2d, Solve, Inverse, LogDet>;
    each_op(Multiplying{}, []<class Op>() {
        for (Example const& e : Op::examples()) {
            Index elements = 0;
            Index const n  = cost(e.shapes, [&](auto x) {
                for (Var& v : x)
                    if (auto const& s = v.shape(); s.size() == 2 && s[0] == s[1])
                        v = v.tape().input(xt::xarray<double>(2 * xt::eye<double>(static_cast<std::size_t>(s[0]))));
                Var const y = e.call(x[0].tape(), x);
                elements    = count(y.shape());
                return y;
            });
            BOOST_TEST((n > elements || anything_empty(e)),
                       Op::name << ", " << e.what << ": " << n << " for " << elements);
        }
    });
}

BOOST_AUTO_TEST_SUITE_END()

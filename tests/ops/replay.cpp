// Every operation can compute its nodes again, and the test of single nodes blames none of them.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;

namespace {

xt::xarray<double> numbers_in(Interval domain, Shape const& shape, std::uint64_t seed) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    Random random(seed);
    for (double& x : out) x = random.uniform(domain.low, domain.high);
    return out;
}

/// Records f, and puts every node of it to the test.
void blames_none(std::string_view what, Differentiable const& f, std::vector<Shape> const& shapes, Interval domain) {
    std::vector<GradInput> inputs;
    for (Shape const& s : shapes) inputs.emplace_back(numbers_in(domain, s, 3 + inputs.size()));
    RecordedFunction probed(f, inputs, nullptr, {}, Where::here());
    probed.apart();
    probed.record();
    auto const reached = probed.reached();
    BOOST_TEST(std::count(reached.begin(), reached.end(), true) > 1, what);
    for (auto const& c : wrong_nodes(probed.tape(), reached, {1e-3, {1e-6, 1e-9}, 1}))
        BOOST_TEST(false, what << ": " << text(c.site) << ": " << c.what << " at " << c.at << ": " << c.backward << ", "
                               << c.numeric);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay)

/// Has it the derivative of its value, almost everywhere near where it is checked?
template <class Op> constexpr bool differentiable = !requires { Op::surrogate; }
&&!requires { Op::jumps; };

BOOST_AUTO_TEST_CASE(of_elementwise_operations_in_all_layouts) {
    each_op(UnaryOps{}, []<class Op>() {
        if constexpr (differentiable<Op>)
            blames_none(
                Op::name,
                [](Tape&, Inputs x) -> Var {
                    return apply<Op>(x[0]) + apply<Op>(transpose(x[1])) * apply<Op>(slice(x[2], 1, 1, 4));
                },
                {{5, 3}, {3, 5}, {5, 4}}, Op::domain);
    });
    each_op(BinaryOps{}, []<class Op>() {
        if constexpr (differentiable<Op>)
            blames_none(
                Op::name, [](Tape&, Inputs x) -> Var { return apply<Op>(x[0], x[1]) * apply<Op>(x[0], x[2][1]); },
                {{4, 20}, {20}, {3, 4, 1}}, Op::domain);
    });
    each_op(TernaryOps{}, []<class Op>() {
        if constexpr (differentiable<Op>)
            blames_none(
                Op::name, [](Tape&, Inputs x) -> Var { return apply<Op>(x[0], x[1], x[2][1]); },
                {{4, 20}, {20}, {3, 4, 1}}, Op::domain);
    });
}

template <class Ops> void of_examples() {
    each_op(Ops{}, []<class Op>() {
        for (Example const& e : Op::examples()) blames_none(Op::name, e.call, e.shapes, {-2, 2});
    });
}
BOOST_AUTO_TEST_CASE(of_reductions) { of_examples<ReduceOps>(); }
BOOST_AUTO_TEST_CASE(of_operations_on_lists) { of_examples<ListOps>(); }
BOOST_AUTO_TEST_CASE(of_linear_algebra) { of_examples<LinearOps>(); }
BOOST_AUTO_TEST_CASE(of_layout) {
    each_op(LayoutOps{}, []<class Op>() {
        for (Example const& e : Op::examples())  // a view is no node: what is computed of it is
            blames_none(Op::name, [&](Tape& tape, Inputs x) -> Var { return square(e.call(tape, x)); }, e.shapes,
                        {-2, 2});
    });
}
BOOST_AUTO_TEST_CASE(of_noise) { of_examples<NoiseOps>(); }
BOOST_AUTO_TEST_CASE(of_losses) { of_examples<LossOps>(); }

BOOST_AUTO_TEST_SUITE_END()

// A derivative carried forward through a scan, against that of the whole graph.
#include <nn/cells.hpp>
#include <unspool/nn/recurrence/tangent.hpp>
#include <unspool/ops/derivatives/products.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

xt::xarray<double> drawn(Shape const& shape, std::uint64_t seed) {
    Random random(seed);
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = random.uniform(-1, 1);
    return out;
}
ScanDirection everything(Params const& params, Index steps) {
    ScanDirection out{{drawn({steps, 2, 3}, 5)}, {drawn({2, 4}, 6), drawn({2, 4}, 7)}, {}};
    std::uint64_t seed = 8;
    for (Param const* p : params.all()) out.params.push_back(drawn(p->shape(), seed++));
    return out;
}
double apart(xt::xarray<double> const& a, xt::xarray<double> const& b) { return xt::amax(xt::abs(a - b))(); }

struct Fixture {
    Params params{1, float64};
    nn::LSTMCell cell{params / "lstm", 3, 4};
    xt::xarray<double> xs = drawn({7, 2, 3}, 1), h0 = drawn({2, 4}, 2), c0 = drawn({2, 4}, 3);

    /// The derivative of h and c along a direction, of the graph of all steps.
    std::vector<xt::xarray<double>> of_the_graph(ScanDirection const& d) {
        Tape tape(float64);
        std::vector<Var> at{tape.input(xs), tape.input(h0), tape.input(c0)}, along;
        auto const last = scan(cell, at[0], nn::LSTMCell::State{at[1], at[2]}).state;
        for (Var const& p : lifted(tape, params)) at.push_back(p);
        auto const add = [&](std::vector<xt::xarray<double>> const& vs, std::size_t first, std::size_t n) {
            for (std::size_t k = 0; k < n; ++k)
                along.push_back(vs.empty() ? tape.zeros(at[first + k].shape()) : tape.constant(vs[k]));
        };
        add(d.inputs, 0, 1), add(d.state, 1, 2), add(d.params, 3, at.size() - 3);
        return {jvp(last.h, at, along).value<double>(), jvp(last.c, at, along).value<double>()};
    }
    void check(ScanDirection const& d) {
        auto const expected = of_the_graph(d);
        auto const got      = jvp(cell, params, {xs}, {h0, c0}, d);
        for (std::size_t k = 0; k < 2; ++k) BOOST_TEST(apart(got.tangent[k], expected[k]) < 1e-13);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tangent_of_a_scan, Fixture)

BOOST_AUTO_TEST_CASE(is_that_of_the_graph) {
    ScanDirection const all = everything(params, 7);
    check(all);
    check({all.inputs, {}, {}});
    check({{}, all.state, {}});
    check({{}, {}, all.params});
}

BOOST_AUTO_TEST_CASE(agrees_with_differences) {
    ScanDirection const d = everything(params, 7);
    auto const got        = jvp(cell, params, {xs}, {h0, c0}, {d.inputs, {}, {}});
    auto const at         = [&](double step) {
        return jvp(cell, params, {xs + step * d.inputs[0]}, {h0, c0}, {d.inputs, {}, {}}).state[0];
    };
    BOOST_TEST(apart(got.tangent[0], (at(1e-5) - at(-1e-5)) / 2e-5) < 1e-8);
}

BOOST_AUTO_TEST_CASE(says_what_each_step_is) {
    std::vector<double> sizes;
    auto const last = jvp(cell, params, {xs}, {h0, c0}, everything(params, 7), [&](Index t, StateAndTangent const& at) {
        BOOST_TEST(t == static_cast<Index>(sizes.size()));
        sizes.push_back(at.tangent[0](0, 0));
    });
    BOOST_TEST(sizes.size() == 7u);
    BOOST_TEST(sizes.back() == last.tangent[0](0, 0));
}

BOOST_AUTO_TEST_CASE(errors) {
    ScanDirection d = everything(params, 7);
    auto const says = [](char const* words) {
        return [words](ShapeError const& e) { return std::string(e.what()).find(words) != std::string::npos; };
    };
    BOOST_CHECK_EXCEPTION(jvp(cell, params, {xs, xs}, {h0, c0}, d), ShapeError, says("2 sequences where there are 1"));
    BOOST_CHECK_EXCEPTION(jvp(cell, params, {xs}, {h0}, d), ShapeError, says("1 parts of a state where there are 2"));
    d.params.pop_back();
    BOOST_CHECK_EXCEPTION(jvp(cell, params, {xs}, {h0, c0}, d), ShapeError, says("tangent.cpp:"));
}

BOOST_AUTO_TEST_SUITE_END()

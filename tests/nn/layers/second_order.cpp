// Second derivatives of the recurrent layers, as PyTorch's: by the input and all parameters at once.
#include <nn/cells.hpp>
#include <nn/layers/filled.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <xtensor/xadapt.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

xt::xarray<double> flat(std::vector<Var> const& xs) {
    std::vector<double> all;
    for (Var const& x : xs) {
        auto const values = x.value<double>();
        all.insert(all.end(), values.begin(), values.end());
    }
    return xt::adapt(all, {all.size()});
}

template <class C> void compare(golden::Json const& j, double tolerance) {
    Params params(0, float64);
    nn::Stacked<C> const net(params, 3, 3, {.layers = 2, .bidirectional = true});
    Tape tape(float64);
    Index seed = 10, direction = 60;
    for (Param* p : params.all()) p->assign(filled<double>(seed++, p->shape()));
    std::vector<Var> at{tape.input(filled<double>(1, {4, 2, 3}))}, v;
    for (Var const& p : lifted(tape, params)) at.push_back(p);
    for (Var const& x : at) v.push_back(tape.constant(filled<double>(direction++, x.shape())));
    Var const y     = net(at[0]).outputs;
    Var const loss  = 0.5 * sum(tape.constant(filled<double>(4, y.shape())) * y * y);
    auto const near = [&](std::vector<Var> const& got, char const* what) {
        BOOST_TEST_CONTEXT(j["kind"] << ", " << what)
        BOOST_TEST(golden::near_in_norm(flat(got), xt::flatten(golden::array<double>(j[what])), tolerance));
    };
    std::vector<Var> const g = gradient(loss, at);
    near(g, "gradient");
    near(hvp(loss, at, v), "hvp");
    near({jvp(y, at, v)}, "jvp");
    near(gauss_newton(loss, y, at, v), "gauss_newton");
    near(gradient(sum(square(g[0])), at), "gradient_of_penalty");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(second_order)

BOOST_AUTO_TEST_CASE(is_pytorchs) {
    auto const file = golden::file("second_order");
    for (auto const& j : file["cases"]) {
        if (j["kind"] == "RNN") compare<nn::RNNCell>(j, 1e-12);
        if (j["kind"] == "LSTM") compare<nn::LSTMCell>(j, 1e-12);
        if (j["kind"] == "GRU") compare<nn::GRUCell>(j, 1e-12);
    }
    BOOST_TEST(file["cases"].size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

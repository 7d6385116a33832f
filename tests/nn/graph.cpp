// Pictures of layers and of scans.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool/autograd/graph.hpp>
#include <unspool/nn/nn.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;

namespace {

xt::xarray<double> ramp(std::vector<std::size_t> const& shape) {
    xt::xarray<double> out(shape);
    double             v = 0.1;
    for (auto& x : out) x = std::sin(v += 0.7);
    return out;
}

struct Mgu {
    using State = Var;
    Linear Wf, Uf, Wn, Un;
    Mgu(Params p, Index in, Index hidden)
        : Wf(p / "Wf", in, hidden, no_bias)
        , Uf(p / "Uf", hidden, hidden, no_bias)
        , Wn(p / "Wn", in, hidden, no_bias)
        , Un(p / "Un", hidden, hidden, no_bias) {}
    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(Wf(x) + Uf(h0));
        Var n = tanh(Wn(x) + Un(f * h0));
        Var h = (1 - f) * h0 + f * n;
        return h;
    }
};

template <class Cell> std::string picture(Mechanisms const& mechanisms) {
    Tape tape(float64);
    tape.mechanisms = mechanisms;
    Params     params(7, float64);
    Cell const cell(params / "cell", 3, 4);
    Var        xs = tape.input(ramp({3, 2, 3}), "xs"), h0 = tape.input(ramp({2, 4}), "h0");
    auto [hs, h] = scan(cell, xs, h0, "cell");
    Var loss     = mean(square(h));
    return Graph(loss).tooltips(false).dot();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graph)

BOOST_AUTO_TEST_CASE(what_the_engine_does_to_be_fast_is_not_drawn) {
    Mechanisms plain;
    plain.hoist = plain.fuse = false;
    BOOST_TEST(picture<Mgu>({}) == picture<Mgu>(plain));
    BOOST_TEST(picture<Gru>({}) == picture<Gru>(plain));
    BOOST_TEST(picture<Mgu>({}).find("<b>f\u00a0</b>= sigmoid(Wf·xs&#91;2&#93; + Uf·h₁)") != std::string::npos);
    BOOST_TEST(picture<Gru>({}).find("<b>rx, zx, nx\u00a0</b>= weight_ih_l0·xs&#91;2&#93; + bias_ih_l0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_lstm_reads_like_its_equations) {
    Tape       tape(float64);
    Params     params(7, float64);
    Lstm const lstm(params / "lstm", 3, 4);
    Var        x = tape.input(ramp({2, 3}), "x"), h0 = tape.input(ramp({2, 4}), "h0"), c0 = tape.input(ramp({2, 4}), "c0");
    Scope      scope(tape, "lstm");
    auto [h, c]           = lstm(x, {h0, c0});
    std::string const dot = Graph(std::vector{h, c}).dot();
    for (char const* equation : {"<b>z\u00a0</b>= weight_ih_l0·x + bias_ih_l0 + weight_hh_l0·h0 + bias_hh_l0",
                                 "<b>c\u00a0</b>= sigmoid(f) * c0 + sigmoid(i) * tanh(g)", "<b>h\u00a0</b>= sigmoid(o) * tanh(c)"})
        BOOST_TEST(dot.find(equation) != std::string::npos, equation);
}

BOOST_AUTO_TEST_SUITE_END()

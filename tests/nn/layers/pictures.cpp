// Pictures of layers and of scans.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <regex>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/nn/nn.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

xt::xarray<double> ramp(std::vector<std::size_t> const& shape) {
    xt::xarray<double> out(shape);
    double v = 0.1;
    for (auto& x : out) x = std::sin(v += 0.7);
    return out;
}

/// With each equation on one line.
std::string unbroken(std::string const& dot) {
    static std::regex const broken("<br align=\"left\"/><font point-size=\"14\">\u00a0\u00a0</font>");
    return std::regex_replace(dot, broken, " ");
}

struct Mgu {
    using State = Var;
    nn::Linear Wf, Uf, Wn, Un;
    Mgu(Params p, Index in, Index hidden)
        : Wf(p / "Wf", in, hidden, nn::no_bias)
        , Uf(p / "Uf", hidden, hidden, nn::no_bias)
        , Wn(p / "Wn", in, hidden, nn::no_bias)
        , Un(p / "Un", hidden, hidden, nn::no_bias) {}
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
    Params params(7, float64);
    Cell const cell(params / "cell", 3, 4);
    Var xs = tape.input(ramp({3, 2, 3}), "xs"), h0 = tape.input(ramp({2, 4}), "h0");
    auto [hs, h] = scan(cell, xs, h0, "cell");
    Var loss     = mean(square(h));
    static std::regex const bytes(" · \\d+ B");  // there is less to keep
    return std::regex_replace(unbroken(Graph(loss).tooltips(false).legend(false).dot()), bytes, "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graph)

BOOST_AUTO_TEST_CASE(what_the_engine_does_to_be_fast_is_not_drawn) {
    Mechanisms plain;
    plain.hoist = plain.fuse = false;
    BOOST_TEST(picture<Mgu>({}) == picture<Mgu>(plain));
    BOOST_TEST(picture<nn::GRUCell>({}) == picture<nn::GRUCell>(plain));
    BOOST_TEST(picture<Mgu>({}).find("<b>f\u00a0</b>= sigmoid(Wf·xs&#91;2&#93; + Uf·h₁)") != std::string::npos);
    BOOST_TEST(picture<nn::GRUCell>({}).find("<b>rx, zx, nx\u00a0</b> = weight_ih_l0·xs&#91;2&#93; + bias_ih_l0") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_lstm_reads_like_its_equations) {
    Tape tape(float64);
    Params params(7, float64);
    nn::LSTMCell const lstm(params / "lstm", 3, 4);
    Var x = tape.input(ramp({2, 3}), "x"), h0 = tape.input(ramp({2, 4}), "h0"), c0 = tape.input(ramp({2, 4}), "c0");
    Scope scope(tape, "lstm");
    auto [h, c]           = lstm(x, {h0, c0});
    std::string const dot = unbroken(Graph(std::vector{h, c}).dot());
    for (char const* equation :
         {"<b>z\u00a0</b>= weight_ih_l0·x + bias_ih_l0 + weight_hh_l0·h0 + bias_hh_l0",
          "<b>c\u00a0</b>= sigmoid(f) * c0 + sigmoid(i) * tanh(g)", "<b>h\u00a0</b>= sigmoid(o) * tanh(c)"})
        BOOST_TEST(dot.find(equation) != std::string::npos, equation);
}

// ---- networks -------------------------------------------------------------------------------------------------------

namespace {

std::size_t occurrences(std::string const& s, std::string const& what) {
    std::size_t n = 0;
    for (std::size_t i = s.find(what); i != std::string::npos; i = s.find(what, i + 1)) ++n;
    return n;
}
bool has(std::string const& s, std::string const& what) {
    BOOST_TEST_INFO(s);
    return occurrences(s, what) > 0;
}

/// A network over a sequence, and its loss.
template <class Net> struct Trained {
    Tape tape{float64};
    Params params{7, float64};
    Net net;
    Var loss;

    template <class... More> explicit Trained(std::size_t steps, More const&... more)
        : net(params / "net", 3, 4, more...) {
        Var xs = tape.input(ramp({steps, 2, 3}), "xs");
        loss   = mean(square(net(xs).outputs)).named("loss");
    }
};

/// The columns of boxes, as the file lists them.
std::size_t columns(std::string const& dot) { return occurrences(dot, "{ rank=same;"); }

struct Once {
    Tape tape{float64};
    Params params{7, float64};
    nn::LSTMCell lstm{params / "lstm", 3, 4};
    Var loss;

    explicit Once(std::size_t steps) {
        Var xs             = tape.input(ramp({steps, 2, 3}), "xs");
        auto const [hs, s] = scan(lstm, xs, lstm.zeros(tape, 2), "lstm");
        loss               = mean(square(s.h)).named("loss");
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_loop_is_rolled_up) {
    Once net(50);
    std::string const dot = Graph(net.loss).rolled().dot();
    BOOST_TEST(has(dot, "t = 0 … 49   ×50"));
    BOOST_TEST(has(dot, "<b>c\u00a0</b>= sigmoid(f) * cₜ₋₁"));
    BOOST_TEST(has(dot, "weight_ih_l0·xs&#91;t&#93;"));
    BOOST_TEST(occurrences(dot, "z⁻¹") == 2);  // of h and of c
    BOOST_TEST(occurrences(dot, "start") == 2);
    BOOST_TEST(has(dot, "one step stands for 50"));
    BOOST_TEST(dot == Graph(net.loss).rolled().steps(1).dot());
}

BOOST_AUTO_TEST_CASE(rolled_up_boxes_tell_gradients_over_time) {
    Once net(50);
    Gradients const gradients = backward(net.loss, Keep::all);
    std::string const dot     = Graph(net.loss).rolled().colour(gradients).dot();
    BOOST_TEST(has(dot, "least · median · greatest over time"));
    BOOST_TEST(occurrences(dot, "▁") >= 5);  // the least of each box
    BOOST_TEST(occurrences(dot, "█") >= 5);
}

BOOST_AUTO_TEST_CASE(a_loop_whose_steps_differ_is_not_rolled_up) {
    Tape tape(float64);
    Var h = tape.input(ramp({2}), "h0");
    for (Index t = 0; t < 30; ++t) {
        Scope step(tape, t);
        if (t == 20) h = exp(h);
        else h = tanh(h);
    }
    std::string const dot = Graph(h).rolled().dot();
    BOOST_TEST(has(dot, "a loop is not rolled up: step 20 computes something else than step 1"));
    BOOST_TEST(has(dot, "26 of 30 steps left out"));
    BOOST_TEST(!has(dot, "z⁻¹"));
}

BOOST_AUTO_TEST_CASE(an_index_that_does_not_go_along_with_time_is_not_rolled_up) {
    Tape tape(float64);
    Var xs = tape.input(ramp({30, 2}), "xs"), h = tape.input(ramp({2}), "h0");
    for (Index t = 0; t < 30; ++t) {
        Scope step(tape, t);
        h = tanh(h + xs[t == 20 ? 3 : t]);
    }
    BOOST_TEST(has(Graph(h).rolled().dot(), "indices go neither along with time nor stay the same"));
}

BOOST_AUTO_TEST_CASE(layers_are_rows_above_the_same_steps) {
    Trained<nn::LSTM> net(3, nn::StackedOptions{.layers = 2});
    std::string const dot = Graph(net.loss).dot();
    BOOST_TEST(columns(dot) == 3u);              // six equations each
    BOOST_TEST(has(dot, "weight_ih_l1·l0.h₁"));  // the stack between them is not drawn
    BOOST_TEST(occurrences(dot, "stack(") == 1);
    std::string const modules = Graph(net.loss).level(Graph::modules).dot();
    BOOST_TEST(occurrences(modules, "3 equations · 4 parameters") == 6);
    BOOST_TEST(occurrences(modules, "reads xs") == 3);
    BOOST_TEST(occurrences(modules, "> h, c <") == 4);
    BOOST_TEST(modules == Graph(net.loss).depth(1).dot());
    BOOST_TEST(occurrences(Graph(net.loss).depth(1).expand("l1").dot(), "3 equations · 4 parameters") == 3);
}

BOOST_AUTO_TEST_CASE(the_backward_direction_goes_from_right_to_left) {
    Trained<nn::GRU> net(3, nn::StackedOptions{.bidirectional = true});
    std::string const dot = Graph(net.loss).level(Graph::modules).dot();
    BOOST_TEST(occurrences(dot, "dir=back") == 2);
    BOOST_TEST(columns(dot) == 3u);
}

BOOST_AUTO_TEST_CASE(a_decoder_comes_after_its_encoder) {
    Tape tape(float64);
    Params params(7, float64);
    nn::GRUCell const encoder(params / "encoder", 3, 4), decoder(params / "decoder", 3, 4);
    Var xs           = tape.input(ramp({3, 2, 3}), "xs");
    auto const state = scan(encoder, xs, encoder.zeros(tape, 2), "encoder").state;
    Var loss         = mean(square(scan(decoder, xs, state, "decoder").state));
    BOOST_TEST(columns(Graph(loss).level(Graph::modules).dot()) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

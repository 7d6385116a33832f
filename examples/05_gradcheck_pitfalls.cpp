// What a gradient check says of common mistakes, and of what looks like one and is none.  docs/gradcheck.md tells the story.
#include <iostream>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// The softsign, x / (1 + |x|), with a derivative that forgets the square.
struct Softsign {
    static constexpr auto name = "softsign";
    template <class V> static V f(V x) { return x / (V(1) + abs(x)); }
    template <class V> static V df(V x, V) { return V(1) / (V(1) + abs(x)); }
};

/// A cell with a mistake.
struct Leaky {
    nn::Linear W, U;
    Param& rate;

    Leaky(Params p, Index in, Index hidden)
        : W(p / "W", in, hidden), U(p / "U", hidden, hidden, nn::no_bias), rate(p.constant("rate", {hidden}, 0.5)) {}

    Var operator()(Var x, Var h0) const {
        Var n = apply<Softsign>(W(x) + U(h0));
        Var h = h0 + rate * (n - h0);
        return h;
    }

    Var zeros(Tape& tape, Index batch) const { return tape.constant(xt::zeros<float>({batch, U.in()})); }
};

void a_wrong_derivative() {
    Params params(1);
    Leaky const cell(params / "leaky", 3, 4);

    GradReport const report = gradcheck(cell);
    std::cout << report << "\n";
    report.graph().write("culprit.svg");
    std::cout << "culprit.svg shows it in red\n\n";
}

void a_model_and_its_loss() {
    Params params(1);
    nn::Linear const out(params / "out", 3, 2);

    auto const loss = [&](Tape& tape) -> Var {
        Var logits = out(tape.constant(xt::xarray<double>{{0.2, -1, 0.5}, {1, 0.3, -0.7}}));
        return cross_entropy(logits, std::vector{0, 1});
    };
    std::cout << gradcheck(params, loss) << "\n";
}

void kinks() {
    xt::xarray<double> const x{-0.5, 0, 2};
    std::cout << gradcheck([](Tape&, auto in) -> Var { return relu(in[0]); }, {{"x", x}}) << "\n";
}

void a_value_that_leaves_the_tape() {
    xt::xarray<double> const x{0.3, -0.2, 0.8};

    auto const normalised = [](Tape& tape, auto in) -> Var {
        Var scale = tape.constant(in[0].template value<double>());
        return in[0] * scale;
    };
    std::cout << gradcheck(normalised, {{"x", x}}) << "\n";
}

void noise_on_symmetric_weights() {
    Params params(1);
    Param &a = params.zeros("a", {2}), &b = params.zeros("b", {2});

    auto const product = [&](Tape& tape) -> Var { return tape.lift(a) * b; };
    std::cout << gradcheck(params, product) << "\n";  // passes, but sees nothing: all gradients are zero
    std::cout << gradcheck(params, product, {.jitter = 0.1}) << "\n";
}

}  // namespace

int main() try {
    a_wrong_derivative();
    a_model_and_its_loss();
    kinks();
    a_value_that_leaves_the_tape();
    noise_on_symmetric_weights();
} catch (std::exception const& e) {
    std::cerr << "05_gradcheck_pitfalls: " << e.what() << "\n";
    return 2;
}

// What the engine does to be fast changes no result.
#include <nn/cells.hpp>
#include <unspool/autograd/cpu/product.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// Those of the mechanisms that have a bit in k.
Mechanisms some(int k) {
    return {(k & 1) != 0, (k & 2) != 0, (k & 4) != 0, (k & 8) != 0, (k & 16) != 0 ? nullptr : copied};
}

// Every way to write a product in a step: of the same element twice, alone and in a sum, with biases of either side, with
// a bias that the step computes, of a part of the element, and with the state on the left.
struct Crossed {
    using State = Var;
    nn::Linear W, U, V;
    Param &q, &b;

    Crossed(Params p, Index in, Index hidden)
        : W(p / "W", in, hidden)
        , U(p / "U", hidden, hidden)
        , V(p / "V", in, hidden, nn::no_bias)
        , q(p.uniform("q", {hidden, 2}, -1, 1))
        , b(p.uniform("b", {hidden}, -1, 1)) {}

    Var operator()(Var x, Var h) const {
        Var a    = W(x) + U(h);
        Var same = W(x) + U(a);
        Var lone = V(x);
        Var left = U(same) + V(x) + linear(slice(x, -1, 1, 3), q);
        Var made = linear(x, V.weight, b * mean(a)) + W(x);
        Var wide = W(x) + linear(index(h, 0, 0), U.weight);  // a vector, and repeated over the batch
        return tanh(a * same + lone - left) + sigmoid(made + wide) * V(x);
    }
};

// A cell made of a function of the input, the state and the time.
template <class F> struct Stepper {
    using State = Var;
    F f;
    mutable Index t = 0;
    Var operator()(Var x, Var h) const { return f(x, h, t++); }
};
template <class F> Stepper(F) -> Stepper<F>;

/// The gradients of a scan of `steps`(x, h, t, weights) by xs, h0 and the weights, and the nodes there are.
struct Odd {
    Params params{3, float64};
    Param &W{params.uniform("W", {5, 4}, -1, 1)}, &U{params.uniform("U", {5, 5}, -1, 1)},
        &b{params.uniform("b", {5}, -1, 1)}, &Ws{params.uniform("Ws", {2, 5, 4}, -1, 1)},
        &bs{params.uniform("bs", {2, 5}, -1, 1)};
    Tape tape{float64};

    template <class F> std::vector<xt::xarray<double>> run(Mechanisms const& how, std::size_t steps, F&& f) {
        tape.rewind();
        tape.mechanisms = how;
        Var xs = tape.input(numbers({steps, 3, 4}, 1), "xs"), h0 = tape.input(numbers({3, 5}, 2), "h0");
        Stepper const cell{[&](Var x, Var h, Index t) -> Var { return f(xs, x, h, t); }};
        Gradients const g = backward(sum(stack(scan(cell, xs, h0).outputs) * numbers({steps, 3, 5}, 3)));
        std::vector<xt::xarray<double>> out{g[xs], g[h0]};
        for (Param* p : params.all()) out.push_back(g[*p]);
        return out;
    }
    template <class F> void agrees(F&& f) {
        auto const plain = run(no_mechanisms(), 5, f);
        for (int k = 1; k < 32; ++k) {
            auto const fast = run(some(k), 5, f);
            for (std::size_t i = 0; i < plain.size(); ++i)
                BOOST_TEST(golden::near(fast[i], plain[i], 1e-12), "mechanisms " << k << ", array " << i);
        }
        auto nodes       = [&](std::size_t steps) { return run({}, steps, f), tape.size(); };
        auto const block = static_cast<std::size_t>(products_at_once(3));
        BOOST_TEST(nodes(3 * block) - nodes(2 * block) ==
                   nodes(2 * block) - nodes(block));  // nothing is computed for a block at every step
    }
};

struct Result {
    std::vector<xt::xarray<double>> arrays;
    NodeId nodes;
};

/// Of two sweeps over one tape, so that a second finds what the first has left.
template <class Cell> Result run(Mechanisms const& how, Index steps, Index batch, Index hidden) {
    Params params(3, float64);
    Cell const cell(params / "cell", 4, hidden);
    Tape tape(float64);
    tape.mechanisms = how;
    auto const T = static_cast<std::size_t>(steps), B = static_cast<std::size_t>(batch),
               H = static_cast<std::size_t>(hidden);
    Var xs = tape.input(numbers({T, B, 4}, 1), "xs"), h0 = tape.input(numbers({B, H}, 2), "h0");
    std::span<Var const> const hs = scan(cell, xs, state<Cell>(h0, h0 * 0.5)).outputs;
    Var const loss                = sum(stack(hs) * numbers({T, B, H}, 3));
    Result out{{}, tape.size()};
    for (int sweep = 0; sweep < 2; ++sweep) {
        Gradients g = backward(loss, sweep == 0 ? Keep::leaves : Keep::all);
        out.arrays.insert(out.arrays.end(), {hs.back().value<double>(), g[xs], g[h0]});
        for (Param* p : params.all()) out.arrays.push_back(g[*p]);
        if (sweep == 1) out.arrays.push_back(g[hs.front()]);
    }
    return out;
}

template <class Cell> void agree_however_computed() {
    for (auto [steps, batch, hidden] : {std::array<Index, 3>{1, 1, 4}, {5, 3, 5}, {20, 1, 8}, {6, 17, 12}}) {
        Result const plain = run<Cell>(no_mechanisms(), steps, batch, hidden);
        for (int k = 1; k < 32; ++k) {
            Result const fast = run<Cell>(some(k), steps, batch, hidden);
            BOOST_TEST_CONTEXT("mechanisms " << k << ", " << steps << " steps of " << batch << " by " << hidden)
            for (std::size_t i = 0; i < plain.arrays.size(); ++i)
                BOOST_TEST(golden::near(fast.arrays[i], plain.arrays[i], 1e-12), "array " << i);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scans_by_mechanism)

BOOST_AUTO_TEST_CASE(agree_in_an_lstm) { agree_however_computed<nn::LSTMCell>(); }
BOOST_AUTO_TEST_CASE(agree_in_a_gru) { agree_however_computed<nn::GRUCell>(); }
BOOST_AUTO_TEST_CASE(agree_in_an_rnn) { agree_however_computed<nn::RNNCell>(); }
BOOST_AUTO_TEST_CASE(agree_where_products_cross) { agree_however_computed<Crossed>(); }

// One row read as it is looks like one column read transposed.
BOOST_AUTO_TEST_CASE(agree_for_weights_of_one_row_or_column) {
    for (auto [in, out] : {std::pair<Index, Index>{5, 1}, {1, 5}, {1, 1}, {5, 4}})
        for (std::size_t rows : {3u, 40u}) {
            auto const gradients = [&, in = in, out = out](bool fast) {
                Params params(1, float64);
                nn::Linear const layer(params / "layer", in, out);
                Tape tape(float64);
                if (!fast) tape.mechanisms = no_mechanisms();
                Var x = tape.input(numbers({rows, static_cast<std::size_t>(in)}, 1)), y = x;
                for (int k = 0; k < 8; ++k) y = x + 0.1 * mean(sin(layer(y)));
                Gradients const g = backward(mean(square(y)));
                std::vector<xt::xarray<double>> all{g[x], g[layer.weight], g[*layer.bias]};
                return all;
            };
            auto const fast = gradients(true), plain = gradients(false);
            for (std::size_t k = 0; k < fast.size(); ++k)
                for (std::size_t i = 0; i < fast[k].size(); ++i)
                    BOOST_TEST(fast[k].flat(i) == plain[k].flat(i), boost::test_tools::tolerance(1e-10));
        }
}

BOOST_AUTO_TEST_CASE(a_sum_of_projections_is_one_node) {
    auto nodes = [](bool fuse, bool hoist) { return run<nn::RNNCell>({fuse, hoist, true, true}, 10, 2, 4).nodes; };
    BOOST_TEST(nodes(true, false) == nodes(false, false) - 20);  // of three, two are gone
    BOOST_TEST(nodes(true, true) == nodes(true, false) + 1);     // what is computed for all steps
}

BOOST_AUTO_TEST_CASE(a_sum_is_computed_without_recording_too) {
    Params params(3, float64);
    nn::LSTMCell cell(params / "lstm", 4, 5);
    Tape tape(float64);
    Var xs = tape.input(numbers({6, 3, 4}, 1)), h0 = tape.input(numbers({3, 5}, 2));
    auto recorded = scan(cell, xs, {h0, h0}).state.h.value<double>();
    Pause pause(tape);
    NodeId size = tape.size();
    BOOST_TEST(golden::near(scan(cell, xs, {h0, h0}).state.h.value<double>(), recorded, 1e-15));
    BOOST_TEST(tape.size() == size);
}

BOOST_FIXTURE_TEST_CASE(agree_where_an_input_is_detached, Odd) {
    agrees([&](Var, Var x, Var h, Index) -> Var { return tanh(linear(x.detach(), W) + linear(h, U) + linear(x, W)); });
}
BOOST_FIXTURE_TEST_CASE(agree_where_the_first_steps_are_not_recorded, Odd) {
    agrees([&](Var, Var x, Var h, Index t) -> Var {
        std::optional<Pause> burn_in;
        if (t < 2) burn_in.emplace(tape);
        return tanh(linear(x, W, b) + linear(h, U));
    });
}
BOOST_FIXTURE_TEST_CASE(agree_where_a_weight_is_a_part_of_a_parameter, Odd) {
    agrees([&](Var, Var x, Var h, Index t) -> Var {
        return tanh(linear(x, tape.lift(Ws)[t % 2], tape.lift(bs)[1]) + linear(h, U, tape.lift(bs).named("both")[0]));
    });
}
BOOST_FIXTURE_TEST_CASE(agree_where_a_weight_is_computed_in_the_step, Odd) {
    agrees([&](Var, Var x, Var h, Index) -> Var {
        Var const fast = tape.lift(W) * mean(h);
        return tanh(linear(x, fast) + linear(h, tape.lift(U).detach()) + linear(x, W));
    });
}
BOOST_FIXTURE_TEST_CASE(agree_where_a_step_looks_ahead_and_back, Odd) {
    agrees([&](Var xs, Var x, Var h, Index t) -> Var {
        return tanh(linear(xs[(t + 1) % xs.size(0)], W) + linear(h, U)) + linear(xs[0], W) * linear(x, W);
    });
}
BOOST_FIXTURE_TEST_CASE(agree_where_steps_look_far_away, Odd) {
    auto const far = [](Odd& odd) {
        return [&](Var xs, Var x, Var h, Index t) -> Var {
            Index const n = xs.size(0);
            return tanh(linear(xs[n - 1], odd.W) + linear(h, odd.U)) +
                   linear(xs[t / 2], odd.W, odd.b) * linear(xs[7 * t % n], odd.W) + linear(x, odd.W);
        };
    };
    auto const steps = static_cast<std::size_t>(4 * products_at_once(3) + 2);
    auto const plain = run(no_mechanisms(), steps, far(*this)), fast = run({}, steps, far(*this));
    for (std::size_t i = 0; i < plain.size(); ++i) BOOST_TEST(golden::near(fast[i], plain[i], 1e-12), "array " << i);
}

// However many products there are, each is computed for a block once: more nodes than without are blocks.
BOOST_AUTO_TEST_CASE(agree_in_a_cell_of_many_products) {
    constexpr Index products = 70, rows = 3;
    Index const block = products_at_once(rows);
    auto const of     = [&](Mechanisms const& how, Index steps, bool reverse) {
        Params params(3, float64);
        std::vector<nn::Linear> ways;
        for (Index k = 0; k < products; ++k) ways.emplace_back(params / fmt::format("{}", k), 4, 5);
        Tape tape(float64);
        tape.mechanisms = how;
        auto const T    = static_cast<std::size_t>(steps);
        Var xs          = tape.input(numbers({T, std::size_t{rows}, 4}, 1), "xs"),
            h0          = tape.input(numbers({std::size_t{rows}, 5}, 2));
        Stepper const cell{[&](Var x, Var h, Index) -> Var {
            for (nn::Linear const& way : ways) h = tanh(h + way(x));
            return h;
        }};
        Var const loss = sum(stack(scan(cell, xs, h0, {.reverse = reverse}).outputs));
        Result out{{backward(loss)[xs]}, tape.size()};
        return out;
    };
    for (bool reverse : {false, true})
        for (Index steps : {block, 3 * block, 3 * block + 1}) {
            Result const plain = of({.hoist = false}, steps, reverse), fast = of({}, steps, reverse);
            BOOST_TEST(golden::near(fast.arrays[0], plain.arrays[0], 1e-12));
            BOOST_TEST(fast.nodes - plain.nodes == products * ((steps + block - 1) / block));
        }
}

BOOST_FIXTURE_TEST_CASE(agree_where_a_step_tries_and_takes_back, Odd) {
    agrees([&](Var, Var x, Var h, Index) -> Var {
        Tape::Mark const mark = tape.mark();
        double const probe    = mean(Var(linear(x, W) + linear(h, U))).item();
        tape.rewind(mark);
        BOOST_CHECK_THROW(Var(linear(x, W) + linear(h, Ws)), ShapeError);
        return probe > 0 ? Var(linear(x, W) + linear(h, U)) : Var(linear(x, W, b) - linear(h, U));
    });
}
BOOST_FIXTURE_TEST_CASE(agree_in_a_scan_in_a_scan, Odd) {
    agrees([&](Var xs, Var x, Var h, Index) -> Var {
        Stepper const inner{[&](Var y, Var s, Index) -> Var { return tanh(linear(y, W) + linear(s, U)); }};
        return tanh(linear(x, W, b) + linear(scan(inner, slice(xs, 0, 0, 2), h).state, U) + linear(x, W));
    });
}
BOOST_FIXTURE_TEST_CASE(a_cell_that_rewinds_its_tape_is_told, Odd) {
    for (Index last : {0, 4})
        BOOST_CHECK_THROW(run({}, 5,
                              [&](Var, Var x, Var h, Index t) -> Var {
                                  Var const next = linear(x, W) + linear(h, U);
                                  if (t == last) tape.rewind();
                                  return next;
                              }),
                          TapeError);
    BOOST_TEST(tape.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

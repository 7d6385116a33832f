// Cells from papers give the numbers that their papers' equations say, and do with them what is said of them.
#include <boost/test/unit_test.hpp>
#include <cells/clockwork.hpp>
#include <cells/echo_state.hpp>
#include <cells/lif.hpp>
#include <cells/ltc.hpp>
#include <cells/ntm.hpp>
#include <cells/phased_lstm.hpp>
#include <cells/s4d.hpp>
#include <cells/selective.hpp>
#include <cells/tree_lstm.hpp>
#include <cells/vrnn.hpp>
#include <complex>
#include <examples/drawn.hpp>
#include <numbers>

using namespace unspool;
using boost::test_tools::tolerance;

namespace {

/// What a layer gives, whatever it gets.
template <class Values> void always(nn::Linear const& layer, Values const& values) {
    layer.weight.assign(0), layer.bias->assign(values);
}
using Numbers = xt::xarray<double>;

/// The error of a network that is to give the last value that came with a flag, over 12 steps.
template <class Cell> double held(Cell const& cell, nn::Linear const& in, nn::Linear const& out, Params p) {
    Adam adam(p, {.rate = 0.02});
    double loss = 0;
    for (std::uint64_t k = 0; k < 600; ++k) {
        Tape tape;
        Var const x    = tape.constant(drawn({12, 16, 1}, 2 * k)),
                  flag = tape.constant(drawn({12, 16, 1}, 2 * k + 1)) > 0.5;
        std::vector<Var> ys{flag[0] * x[0]};
        for (Index t = 1; t < 12; ++t) ys.push_back(where(flag[t], x[t], ys.back()));
        Var const us = silu(in(concat({x, flag}, -1)));
        Var const l  = mse(out(stack(core::scan(cell, us, cell.zeros(tape, 16)).outputs)), stack(ys));
        adam.step(backward(l));
        loss = k < 590 ? 0 : loss + l.item() / 10;
    }
    return loss;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values_of_cells_from_papers)

/// y = K ∗ u + D u, of the kernel K_k = 2 Re Σ_n C_n Ā_n^k B̄_n.
BOOST_AUTO_TEST_CASE(a_diagonal_state_space_is_a_convolution) {
    using Complex = std::complex<double>;
    Params p(10, float64);
    S4D const cell(p, 2, 3, 0.1, 1);
    Tape tape(float64);
    auto const us = drawn({6, 1, 2}, 1);
    auto const hs = core::scan(cell, tape.constant(us), cell.zeros(tape, 1)).outputs;
    auto const at = [](Param const& x, std::size_t i, std::size_t n) { return x.value<double>()(i, n); };
    for (std::size_t i = 0; i < 2; ++i) {
        double y = cell.D.value<double>()(i) * us(5, 0, i);
        for (std::size_t k = 0; k < 6; ++k)
            for (std::size_t n = 0; n < 3; ++n) {
                double const dt = std::exp(at(cell.log_dt, i, 0));
                Complex const A{-0.5, std::numbers::pi * static_cast<double>(n)},
                    C{at(cell.C_re, i, n), at(cell.C_im, i, n)};
                Complex const A_bar = std::exp(dt * A), K = C * std::pow(A_bar, k) * (A_bar - 1.) / A;
                y += 2 * K.real() * us(5 - k, 0, i);
            }
        BOOST_TEST(hs[5].value<double>()(0, i) == y, boost::test_tools::tolerance(1e-10));
    }
}

BOOST_AUTO_TEST_CASE(units_wait_for_their_turn) {
    Params p(11, float64);
    Tape tape(float64);
    auto const moved = [](Var a, Var b) {
        Var const differs = not_equal(a, b);
        auto const each   = differs.value<double>();
        return std::vector<double>(each.begin(), each.end());
    };
    Var const x = tape.constant(drawn({1, 3}, 1)), h = tape.constant(drawn({1, 6}, 2));
    ClockworkRNN const clockwork(p / "a", 3, 2, 3);
    BOOST_TEST(moved(clockwork(x, h, 3), h) == (std::vector<double>{1, 1, 0, 0, 0, 0}));
    BOOST_TEST(moved(clockwork(x, h, 6), h) == (std::vector<double>{1, 1, 1, 1, 0, 0}));
    BOOST_TEST(moved(clockwork(x, h, 8), h) == (std::vector<double>{1, 1, 1, 1, 1, 1}));

    PhasedLSTM const phased(p / "b", 3, 6, 0.5, 0);
    phased.log_tau.assign(xt::xarray<double>{0, 0, 0, 1, 1, 1}),
        phased.s.assign(xt::xarray<double>{0, 0.3, 0.8, 0, 1, 2});
    BOOST_TEST(moved(phased(x, tape.constant(1.2), {h, h}).h, h) == (std::vector<double>{1, 0, 1, 1, 1, 0}));
}

/// s_n' = exp(Δ A_n) s_n + (exp(Δ A_n) − 1) / A_n B_n x, and y = Σ_n C_n s_n' + D x, of one feature.
BOOST_AUTO_TEST_CASE(a_selective_state_space_takes_steps_as_long_as_its_input_says) {
    Params p(12, float64);
    SelectiveSSM const cell(p, 1, 3);
    Tape tape(float64);
    auto const us   = drawn({5, 1, 1}, 1);
    auto const hs   = core::scan(cell, tape.constant(us), cell.zeros(tape, 1)).outputs;
    double state[3] = {0, 0, 0};
    auto const of   = [](nn::Linear const& w, std::size_t n) { return w.weight.value<double>()(n, 0); };
    for (std::size_t t = 0; t < 5; ++t) {
        double const x = us(t, 0, 0), dt = std::log(1 + std::exp(of(cell.wd, 0) * x));
        double y = x;
        for (std::size_t n = 0; n < 3; ++n) {
            double const a = -1. - static_cast<double>(n), decay = std::exp(dt * a);
            state[n] = decay * state[n] + (decay - 1) / a * of(cell.WB, n) * x * x;
            y += of(cell.WC, n) * x * state[n];
        }
        BOOST_TEST(hs[t].value<double>()(0, 0) == y, tolerance(1e-12));
    }
}

/// What only a step that depends on the input can: a decay that is always the same forgets what is not followed by a flag.
BOOST_AUTO_TEST_CASE(a_selective_state_space_holds_what_it_is_told_to) {
    Params p(13);
    SelectiveSSM const cell(p / "cell", 16, 4);
    double const error = held(cell, nn::Linear(p / "in", 2, 16), nn::Linear(p / "out", 16, 1), p);
    BOOST_TEST(error < 0.1, error);
}

/// Where f does not depend on the state, x = x_∞ + (x_0 − x_∞) exp(−(1/τ + f)), with x_∞ = f A / (1/τ + f).
BOOST_AUTO_TEST_CASE(a_liquid_time_constant_solves_its_equation) {
    Params p(14, float64);
    LTC const cell(p, 1, 2, 10000);
    cell.gamma_r.weight.assign(0), cell.log_tau.assign(Numbers{0.5, -1});
    always(cell.gamma, Numbers{0.3, 1});
    Tape tape(float64);
    Var const got = cell(tape.constant(Numbers{0.7}), tape.constant(Numbers{2, -1}));
    for (std::size_t k = 0; k < 2; ++k) {
        double const f = 1 / (1 + std::exp(k ? -1 : -0.3)), rate = std::exp(k ? 1 : -0.5) + f;
        double const end = f * cell.A.value<double>()(k) / rate;
        BOOST_TEST(got.value<double>()(k) == end + ((k ? -1 : 2) - end) * std::exp(-rate), tolerance(1e-3));
    }
}

BOOST_AUTO_TEST_CASE(a_liquid_time_constant_takes_the_fused_step) {
    Params p(14, float64);
    LTC const cell(p, 1, 1, 1);
    auto const of = [](Param const& x) { return *x.value<double>().begin(); };
    Tape tape(float64);
    double const f =
        1 / (1 + std::exp(-(of(cell.gamma.weight) * 0.7 + of(*cell.gamma.bias) + of(cell.gamma_r.weight) * 2)));
    Var const got = cell(tape.constant(Numbers{0.7}), tape.constant(Numbers{2}));
    BOOST_TEST(got.item() == (2 + f * of(cell.A)) / (1 + 1 + f), tolerance(1e-12));
}

/// A head that is sure of its key writes where it points, and nowhere else; one that is not to move stays.
BOOST_AUTO_TEST_CASE(a_head_goes_where_its_key_is) {
    Params p(15, float64);
    NTM const cell(p, 1, 2, 3, 3);
    cell.M0.assign(xt::eye<double>(3));
    always(cell.Wk, Numbers{0, 2, 0}), always(cell.wb, Numbers{50}), always(cell.wg, Numbers{50});
    always(cell.We, Numbers{50, 50, -50}), always(cell.Wa, Numbers{0.5, 0, -0.5});
    Tape tape(float64);
    Var const x      = tape.zeros({1, 1});
    auto const after = cell(x, cell.zeros(tape, 1));
    Numbers const M{{{1, 0, 0}, {std::tanh(0.5), 0, std::tanh(-0.5)}, {0, 0, 1}}}, w{{0, 1, 0}};
    BOOST_TEST(xt::allclose(after.M.value<double>(), M));
    BOOST_TEST(xt::allclose(after.w.value<double>(), w));

    always(cell.wg, Numbers{-50}), always(cell.Wk, Numbers{2, 0, 0});
    Tape later(float64);
    auto s = cell.zeros(later, 1);
    s.w    = later.constant(w);
    BOOST_TEST(xt::allclose(cell(later.zeros({1, 1}), s).w.value<double>(), w));
}

/// KL(N(1, 2²) ‖ N(0, 1)) = −ln 2 + (4 + 1) / 2 − ½.
BOOST_AUTO_TEST_CASE(a_variational_network_sums_what_its_terms_are) {
    Params p(16, float64);
    VRNN const cell(p, 1, 2, 1);
    always(cell.prior, 0), always(cell.enc, Numbers{1, std::log(2)}), always(cell.dec, Numbers{0.5, std::log(3)});
    Tape tape(float64);
    Var const xs = tape.constant(xt::reshape_view(Numbers{2, -1}, {2, 1, 1})), noise = tape.zeros({2, 1, 1});
    auto const s = core::scan(cell, std::tuple(xs, noise), cell.zeros(tape, 1)).state;
    BOOST_TEST(s.kl.value<double>()(0, 0) == 2 * (2 - std::log(2)), tolerance(1e-12));
    double const nll = std::log(2 * std::numbers::pi * 9) + (1.5 * 1.5 + 1.5 * 1.5) / 18;
    BOOST_TEST(s.nll.value<double>()(0, 0) == nll, tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_variational_network_sees_its_state_in_each_of_its_terms) {
    Params p(16, float64);
    VRNN const cell(p, 1, 2, 1);
    Tape tape(float64);
    auto const step = [&](double h) {
        return cell(tape.zeros({1, 1}), tape.zeros({1, 1}),
                    {tape.constant(Numbers{{h, h}}), tape.zeros({1, 1}), tape.zeros({1, 1})});
    };
    always(cell.enc, 0);
    BOOST_TEST(step(0).kl.item() != step(1).kl.item());    // by the prior
    BOOST_TEST(step(0).nll.item() != step(1).nll.item());  // by the likelihood
    VRNN const other(p / "other", 1, 2, 1);
    cell.enc.weight.assign(other.enc.weight.value<double>()), always(cell.prior, 0);
    tape.rewind();
    BOOST_TEST(step(0).kl.item() != step(1).kl.item());  // by the posterior
}

/// c = i ⊙ u + Σ σ(W_f x + U_f h_k) ⊙ c_k: what a cell gains from a child does not depend on the others.
BOOST_AUTO_TEST_CASE(each_child_has_a_forget_gate) {
    Params p(17, float64);
    TreeLSTM const cell(p, 2, 3);
    always(cell.Wu, 0), cell.Uu.weight.assign(0);  // u = 0
    Tape tape(float64);
    Var const x      = tape.constant(drawn({2}, 1));
    auto const child = [&](std::uint64_t k) {
        return TreeLSTM::State{tape.constant(drawn({3}, k)), tape.constant(drawn({3}, k + 10))};
    };
    TreeLSTM::State const a = child(2), b = child(3);
    Var const apart = cell.node(x, std::vector{a}).c + cell.node(x, std::vector{b}).c;
    BOOST_TEST(xt::allclose(cell.node(x, std::vector{a, b}).c.value<double>(), apart.value<double>()));
}

BOOST_AUTO_TEST_CASE(children_have_no_order_and_may_be_missing) {
    Params p(17, float64);
    TreeLSTM const cell(p, 2, 3);
    Tape tape(float64);
    auto const x            = [&](std::uint64_t k) { return tape.constant(drawn({2}, k)); };
    TreeLSTM::State const a = cell.node(x(1), {}), b = cell.node(x(2), {}), c = cell.node(x(3), std::vector{a, b});
    auto const root = [&](std::vector<TreeLSTM::State> const& children) { return cell.node(x(4), children).h; };
    BOOST_TEST(xt::allclose(root({a, b, c}).value<double>(), root({c, a, b}).value<double>()));
    BOOST_TEST(!xt::allclose(root({a, b, c}).value<double>(), root({a, b, b}).value<double>()));
}

BOOST_AUTO_TEST_CASE(a_unit_fires_above_its_threshold_and_has_a_surrogate_gradient) {
    Params p(18, float64);
    LIF const cell(p, 1, 1);
    always(cell.W, 0.4), cell.U.weight.assign(0);
    Tape tape(float64);
    std::vector<double> fired;
    for (Var const& h : core::scan(cell, tape.zeros({8, 1, 1}), cell.zeros(tape, 1)).outputs) fired.push_back(h.item());
    BOOST_TEST(fired == (std::vector<double>{0, 0, 1, 0, 0, 1, 0, 0}));

    Var const v  = tape.input(Numbers{-0.5, 0.2, 2});
    auto const g = backward(sum(spike(v, 5)));
    BOOST_TEST(xt::allclose(g[v].value<double>(), Numbers{1 / 12.25, 1 / 4., 1 / 121.}));
}

BOOST_AUTO_TEST_CASE(a_reservoir_is_not_trained_and_has_its_radius) {
    Params p(7);
    EchoState const cell(p, 2, 24, 0.8);
    auto const before = xt::xarray<float>(cell.U.value<float>());
    nn::Linear const out(p / "readout", 24, 1);
    held(cell, nn::Linear(p / "in", 2, 2), out, p);
    BOOST_TEST(cell.U.value<float>() == before);
    std::vector<double> const u(before.begin(), before.end());
    BOOST_TEST(spectral_norm(u, 24, 24) >= 0.8);  // which is never below the spectral radius
}

BOOST_AUTO_TEST_SUITE_END()

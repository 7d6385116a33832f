// Norms of gradients and Jacobians, against networks whose norms are known, and against explicit Jacobians.
#include <cmath>
#include <limits>
#include <nn/cells.hpp>
#include <xtensor/xview.hpp>

using namespace cells;

namespace {

using Numbers = xt::xarray<double>;

/// h' = W h + 0 x: its Jacobian is W, at every step.
struct Linearly {
    Param& W;

    Linearly(Params p, Numbers const& w) : W(p.zeros("W", Shape::of(w.shape()))) { W.assign(w); }

    Var operator()(Var x, Var h) const { return linear(h, W) + 0 * x; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.shape()[0]}); }
};

Numbers product(Numbers const& a, Numbers const& b) {
    std::size_t const n = a.shape()[0], m = b.shape()[1];
    Numbers out = xt::zeros<double>({n, m});
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < m; ++j)
            for (std::size_t k = 0; k < b.shape()[0]; ++k) out(i, j) += a(i, k) * b(k, j);
    return out;
}

Numbers rotation(Params p, std::string const& name, Index n) {
    return nn::init::orthogonal(p.zeros(name, {n, n}), p.random()).value<double>();
}

/// Q diag(s) Pᵀ
Numbers with_singular_values(Numbers const& q, Numbers const& s, Numbers const& p) {
    Numbers scaled = q * s;
    return product(scaled, Numbers(xt::transpose(p)));
}

/// The largest singular value, by one-sided rotations of columns (Hestenes, 1958).
double svd_norm(Numbers a) {
    std::size_t const n = a.shape()[1];
    for (int sweep = 0; sweep < 60; ++sweep)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                double alpha = 0, beta = 0, gamma = 0;
                for (std::size_t i = 0; i < a.shape()[0]; ++i)
                    alpha += a(i, p) * a(i, p), beta += a(i, q) * a(i, q), gamma += a(i, p) * a(i, q);
                if (gamma == 0) continue;
                double const zeta = (beta - alpha) / (2 * gamma);
                double const t    = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta)),
                             c = 1 / std::sqrt(1 + t * t), s = c * t;
                for (std::size_t i = 0; i < a.shape()[0]; ++i) {
                    double const x = a(i, p), y = a(i, q);
                    a(i, p) = c * x - s * y, a(i, q) = s * x + c * y;
                }
            }
    double most = 0;
    for (std::size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::size_t i = 0; i < a.shape()[0]; ++i) sum += a(i, j) * a(i, j);
        most = std::max(most, std::sqrt(sum));
    }
    return most;
}

Numbers noise(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    Random random(seed);
    Numbers out = xt::zeros<double>(shape);
    for (double& x : out) x = random.normal();
    return out;
}

double relative(double a, double b) { return std::abs(a - b) / b; }

}  // namespace

BOOST_AUTO_TEST_SUITE(flows)

BOOST_AUTO_TEST_CASE(a_norm_is_the_largest_singular_value) {
    Params p(1, float64);
    Numbers const q = rotation(p, "q", 6), r = rotation(p, "r", 6);
    Numbers const a =
        with_singular_values(q, {0.2, 3.5, 1, 0.1, 3.4999999, 0}, r);  // two that power iteration tells apart slowly
    BOOST_TEST(relative(spectral_norm({a.data(), a.size()}, 6, 6), 3.5) < 1e-14);
    BOOST_TEST(relative(spectral_norm({q.data(), q.size()}, 6, 6), 1) < 1e-14);  // all alike
    Numbers const wide = noise({3, 7}, 5), tall = xt::transpose(wide);
    BOOST_TEST(relative(spectral_norm({wide.data(), wide.size()}, 3, 7), svd_norm(wide)) < 1e-14);
    BOOST_TEST(relative(spectral_norm({tall.data(), tall.size()}, 7, 3), svd_norm(wide)) < 1e-14);
    Numbers const tiny = a * 1e-300, huge = a * 1e300;
    BOOST_TEST(relative(spectral_norm({tiny.data(), tiny.size()}, 6, 6), 3.5e-300) < 1e-14);
    BOOST_TEST(relative(spectral_norm({huge.data(), huge.size()}, 6, 6), 3.5e300) < 1e-14);
    BOOST_TEST(spectral_norm({}, 0, 0) == 0);
    BOOST_TEST(spectral_norm({a.data(), 1}, 1, 1) == std::abs(a(0, 0)));
    Numbers const none = xt::zeros<double>({2, 2}), bad{{1, NAN}, {0, 1}};
    BOOST_TEST(spectral_norm({none.data(), 4}, 2, 2) == 0);
    BOOST_TEST(std::isnan(spectral_norm({bad.data(), 4}, 2, 2)));
    BOOST_TEST(has(message<ShapeError>([&] {
                       spectral_norm({none.data(), 4}, 2, 3);
                   }),
                   "4 elements are no matrix [2,3]"));
}

BOOST_AUTO_TEST_CASE(jacobians_of_a_linear_network_are_powers_of_its_matrix) {
    Params p(1, float64);
    Numbers const w =
        with_singular_values(rotation(p, "q", 5), {0.9, 0.5, 1.3, 0.2, 0.7}, rotation(p, "r", 5));  // not normal
    Linearly const cell(p, w);
    auto const flow = jacobian_flow(cell, noise({7, 2, 5}, 2));
    Numbers power   = xt::eye<double>(5);
    BOOST_TEST(flow.step.size() == 7u);
    for (std::size_t k = 0; k < 7; ++k) {
        BOOST_TEST(relative(flow.step[k], 1.3) < 1e-8);
        BOOST_TEST(relative(flow.through[6 - k], svd_norm(power)) < 1e-8, "through " << 6 - k);
        power = product(power, w);
    }
}

BOOST_AUTO_TEST_CASE(long_products_neither_overflow_nor_vanish_on_the_way) {
    Params p(1, float64);
    Numbers const q = rotation(p, "q", 3);
    Numbers const small =
        with_singular_values(q, {1e-3, 1e-4, 1e-5}, q);  // normal: norms of powers are powers of norms
    auto const flow = jacobian_flow(Linearly(p / "a", small), noise({150, 1, 3}, 2));
    BOOST_TEST(relative(flow.through[149 - 100], 1e-300) < 1e-6);
    BOOST_TEST(flow.through[0] == 0);  // 1e-447 is no double
    BOOST_TEST((flow.decay.verdict == Verdict::vanishing));
    BOOST_TEST(std::abs(flow.decay.per_step - 1e-3) < 1e-6);
    Numbers const large = with_singular_values(q, {1e3, 1, 1}, q);
    auto const up       = jacobian_flow(Linearly(p / "b", large), noise({150, 1, 3}, 2));
    BOOST_TEST(relative(up.through[149 - 100], 1e300) < 1e-6);
    BOOST_TEST((up.decay.verdict == Verdict::not_finite));
    BOOST_TEST(up.decay.at_fault == 149 - 103);
}

// ∂h_t/∂h_{t−1} = diag(1 − h_t²) U
BOOST_AUTO_TEST_CASE(jacobians_of_a_tanh_network_are_what_the_formula_says) {
    Params p(3, float64);
    nn::RNNCell const rnn(p, 3, 4);
    Numbers const xs = noise({6, 2, 3}, 4), h0 = noise({2, 4}, 5);
    Tape tape(float64);
    auto const run  = scan(rnn, tape.constant(xs), tape.constant(h0));
    auto const flow = jacobian_flow(rnn, xs, {h0});
    Numbers const U = p["weight_hh_l0"].value<double>();
    std::vector<double> step(6, 0.0), through(6, 0.0);
    for (std::size_t b = 0; b < 2; ++b) {
        Numbers chain = xt::eye<double>(4);
        for (std::size_t t = 6; t-- > 0;) {
            Numbers const h = xt::view(run.outputs[t].value<double>(), b);
            Numbers j       = U;
            for (std::size_t r = 0; r < 4; ++r)
                for (std::size_t c = 0; c < 4; ++c) j(r, c) *= 1 - h(r) * h(r);
            step[t] = std::max(step[t], svd_norm(j)), through[t] = std::max(through[t], svd_norm(chain));
            chain = product(chain, j);
        }
    }
    for (std::size_t t = 0; t < 6; ++t) {
        BOOST_TEST(relative(flow.step[t], step[t]) < 1e-7, t);
        BOOST_TEST(relative(flow.through[t], through[t]) < 1e-7, t);
    }
}

// Of an LSTM whose gates hardly move, c' = f c + …: ∂c'/∂c = f, and h is not what carries.
BOOST_AUTO_TEST_CASE(a_state_of_two_parts_has_a_jacobian_of_four_blocks) {
    Params p(3, float64);
    nn::LSTMCell const lstm(p, 2, 3);
    for (Param* each : p.all()) each->assign(0.0);
    nn::init::constant_block(p["bias_ih_l0"], 1, 4, 2);  // f = σ(2)
    double const f   = 1 / (1 + std::exp(-2.0));
    Numbers const xs = noise({4, 1, 2}, 1);
    auto const c = jacobian_flow(lstm, xs, {.part = "c"}), h = jacobian_flow(lstm, xs, {.part = "h"}),
               all = jacobian_flow(lstm, xs);
    BOOST_TEST(relative(c.step[2], f) < 1e-9);
    BOOST_TEST(relative(c.through[0], f * f * f) < 1e-9);
    BOOST_TEST(h.step[2] == 0);                                     // no weight leads from h
    BOOST_TEST(relative(all.step[2], f * std::sqrt(1.25)) < 1e-9);  // c = 0: h' = tanh(c')/2, so that ∂h'/∂c = f/2
    BOOST_TEST(has(message<NameError>([&] { jacobian_flow(lstm, xs, {.part = "q"}); }),
                   "the state has no part q; there are: h, c"));
    BOOST_TEST(has(message<ShapeError>([&] {
                       jacobian_flow(lstm, xs, {Numbers(noise({1, 3}, 1))});
                   }),
                   "the state has 2 parts, 1 were given"));
    BOOST_TEST(has(message<ShapeError>([&] { jacobian_flow(lstm, Numbers(noise({2}, 1))); }), "there is no sequence"));
}

BOOST_AUTO_TEST_CASE(gradients_flow_as_the_matrix_says) {
    Params p(1, float64);
    Numbers const q = rotation(p, "q", 4), w = with_singular_values(q, {0.5, 0.5, 0.5, 0.5}, q);
    Linearly const cell(p, w);
    Tape tape(float64);
    auto const run    = scan(cell, tape.constant(noise({10, 3, 4}, 2)), tape.constant(noise({3, 4}, 3)));
    auto const flow   = gradient_flow(sum(run.outputs[9]), run.outputs);
    auto const& norms = flow["h"].norms;
    BOOST_TEST(relative(norms[9], std::sqrt(12.0)) < 1e-14);  // ones
    for (std::size_t t = 0; t < 9; ++t)
        BOOST_TEST(relative(norms[t], std::sqrt(12.0) * std::pow(0.5, 9 - static_cast<double>(t))) < 1e-12);
    Decay const& d = flow["h"].decay;
    BOOST_TEST(d.horizon == 2);  // 1/4 < 1/e < 1/2
    BOOST_TEST(!d.beyond);
    BOOST_TEST(relative(d.per_step, 0.5) < 1e-12);
    BOOST_TEST(d.begin == 9);
    BOOST_TEST(d.end == 0);
    BOOST_TEST(d.steps == 9);
    BOOST_TEST(has(message<NameError>([&] { flow["q"]; }), "no layer is called \"q\"; there are: \"h\""));
}

BOOST_AUTO_TEST_CASE(layers_and_directions_are_told_apart) {
    Params p(1, float64);
    nn::LSTM const net(p, 3, 4, {.layers = 2, .bidirectional = true});
    Tape tape(float64);
    Recorder recorder;
    auto const run  = net(tape.constant(noise({5, 2, 3}, 1)), {.record = &recorder});
    Var const loss  = mean(square(run.outputs[2]));  // the middle: later steps count backwards only
    auto const flow = gradient_flow(loss, recorder);
    BOOST_TEST(flow.layers.size() == 4u);
    BOOST_TEST(!flow["l1.h"].reverse);
    BOOST_TEST(flow["l1_reverse.h"].reverse);
    BOOST_TEST(flow["l1.h"].norms[3] == 0);
    BOOST_TEST(flow["l1.h"].norms[2] > 0);
    BOOST_TEST(flow["l1.h"].norms[0] > 0);
    BOOST_TEST(flow["l1_reverse.h"].norms[1] == 0);
    BOOST_TEST(flow["l1_reverse.h"].norms[4] > 0);
    BOOST_TEST(flow["l1_reverse.h"].decay.begin == 2);
    BOOST_TEST(flow["l1_reverse.h"].decay.end == 4);
    BOOST_TEST(gradient_flow(loss, recorder, "c").layers.size() == 4u);
    BOOST_TEST(has(message<NameError>([&] { gradient_flow(loss, recorder, "q"); }), "nothing is called \"q\""));
    BOOST_TEST(
        golden::near(recorder.sequence("h").value<double>(), recorder.sequence("l1_reverse.h").value<double>(), 0));

    Gradients const g = backward(loss, Keep::all);
    for (auto const& layer : {"l0.h", "l1.c"}) {
        std::vector<Var> const steps = recorder.steps(layer);
        Numbers const slope          = g[steps[1]];
        auto const again             = gradient_flow(g, {{layer, steps}});
        BOOST_TEST(relative(again[layer].norms[1], std::sqrt(xt::sum(slope * slope)())) < 1e-12);
    }
    BOOST_CHECK_THROW(gradient_flow(backward(loss), {{"h", recorder.steps("l0.h")}}), TapeError);
    BOOST_CHECK_THROW(gradient_flow(loss, {{"none", {}}}), ValueError);

    std::string const csv = flow.csv();
    BOOST_TEST(csv.starts_with("layer,t,norm\nl0.h,0,"));
    BOOST_TEST(std::count(csv.begin(), csv.end(), '\n') == 1 + 4 * 5);
    BOOST_TEST(Csv::parse(csv).numbers("norm")[10] == flow["l1.h"].norms[0]);
}

BOOST_AUTO_TEST_CASE(both_directions_are_recorded) {
    Params p(1, float64);
    nn::Bidirectional<nn::GRUCell> const both(p, 3, 4);
    Tape tape(float64);
    Recorder recorder;
    auto const run  = both(tape.constant(noise({5, 2, 3}, 1)), {.record = &recorder});
    auto const flow = gradient_flow(mean(square(run.outputs[2])), recorder);
    BOOST_TEST(flow["forward.h"].norms[3] == 0);
    BOOST_TEST(flow["backward.h"].norms[1] == 0);
    BOOST_TEST(flow["backward.h"].reverse);
    BOOST_TEST(saturation(recorder).gates.size() == 4u);
}

BOOST_AUTO_TEST_CASE(verdicts) {
    auto const of = [](std::vector<double> norms, bool reverse = false) { return decay_of(norms, reverse); };
    BOOST_TEST(text(of({1e-4, 1e-2, 1})) ==
               "vanishing: from 1 at t = 2 to 0.0001 at t = 0, a factor of 0.01 a step; below 0.37 of it after 1 step");
    BOOST_TEST(text(of({2000, 40, 1})) ==
               "exploding: from 1 at t = 2 to 2e+03 at t = 0, a factor of 44.72 a step; never below 0.37 of it");
    BOOST_TEST((of({0.5, 0.4, 0.6, 1}).verdict == Verdict::healthy));
    BOOST_TEST(of({0.5, 0.3, 0.6, 1}).horizon == 2);
    BOOST_TEST((of({0, 5000, 1, 0}).verdict == Verdict::exploding));  // on the way
    BOOST_TEST(of({0, 5000, 1, 0}).begin == 2);                       // what nothing reaches does not count
    BOOST_TEST((of({1, 1e-2, 1e-4}, true).verdict == Verdict::vanishing));
    BOOST_TEST((of({1, 1e-2, 1e-4}, false).verdict == Verdict::exploding));
    BOOST_TEST((of({0, 0}).verdict == Verdict::unreached));
    BOOST_TEST(text(of({1, NAN, 3, HUGE_VAL, 1})) == "not finite: first, on the way back, at t = 3");
    BOOST_TEST(std::abs(of({0, 0, 1e-300, 1}).per_step - 1e-300) < 1e-305);  // an underflow says no more
    std::vector<double> const norms{1, 2};
    BOOST_TEST(
        has(message<ValueError>([&] { decay_of(norms, false, {.vanishing = 2}); }), "0 < vanishing < 1 < exploding"));
}

BOOST_AUTO_TEST_CASE(gates_saturate_where_their_biases_push_them) {
    Params p(3, float64);
    nn::LSTMCell const lstm(p, 2, 4);
    for (Param* each : p.all()) each->assign(0.0);
    Numbers bias = xt::zeros<double>({16});
    bias(0) = -9, bias(1) = 9;                  // i: of unit 0 shut, of unit 1 open
    bias(4) = bias(5) = bias(6) = bias(7) = 9;  // f: open
    bias(12) = std::log(0.11 / 0.89), bias(13) = std::log(0.09 / 0.91), bias(14) = std::log(0.89 / 0.11),
    bias(15) = std::log(0.91 / 0.09);
    p["bias_hh_l0"].assign(bias);
    Tape tape(float64);
    Recorder recorder;
    scan(lstm, tape.constant(noise({3, 2, 2}, 1)), lstm.zeros(tape, 2), {.record = &recorder});
    auto const s = saturation(recorder);
    BOOST_TEST(s["i"].shut == 0.25);
    BOOST_TEST(s["i"].open == 0.25);
    BOOST_TEST((s["i"].shut_by_unit == std::vector<double>{1, 0, 0, 0}));
    BOOST_TEST((s["i"].open_by_unit == std::vector<double>{0, 1, 0, 0}));
    BOOST_TEST(s["f"].open == 1);
    BOOST_TEST((s["o"].shut_by_unit == std::vector<double>{0, 1, 0, 0}));
    BOOST_TEST((s["o"].open_by_unit == std::vector<double>{0, 0, 0, 1}));
    BOOST_TEST(s["f"].count == 24);
    BOOST_TEST(s.gates.size() == 3u);
    BOOST_TEST(has(text(s), "i  25.0 % below 0.1, 25.0 % above 0.9\n"));
    Params q(4, float64);
    nn::GRUCell const gru(q, 2, 4);
    Recorder other;
    scan(gru, tape.constant(noise({3, 2, 2}, 1)), gru.zeros(tape, 2), {.record = &other});
    BOOST_TEST(saturation(other).gates.size() == 2u);  // r and z, which is none in an LSTM
    BOOST_TEST(saturation(recorder, {"c"}, {.low = -0.9, .high = 0.9})["c"].shut == 0);
    BOOST_TEST(has(message<NameError>([&] { saturation(recorder, {"q"}); }), "nothing is called \"q\""));
    BOOST_TEST(
        has(message<NameError>([&] { saturation(Recorder()); }), "nothing that was recorded is called like a gate"));
    BOOST_CHECK_THROW(saturation(recorder, {}, {.low = 1, .high = 0}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()

// The factors of the Fisher matrix are the moments of what went into a weight, and of the adjoints of what came out.
#include <nn/cells.hpp>
#include <unspool/nn/optim/kronecker.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// A network of one recurrent layer, of which all that its weights met is known.
struct RecurrentNet {
    static constexpr std::size_t steps = 4, batch = 3, inputs = 5, units = 2;

    Params params{3, float64};
    nn::Linear W{params / "W", inputs, units, nn::no_bias};
    Param& U = params.uniform("U", {units, units}, -0.5, 0.5);
    Tape tape{float64};
    xt::xarray<double> xs = numbers({steps, batch, inputs}, 1);
    std::vector<Var> states, sums;
    Var loss;

    RecurrentNet() {
        Var h = tape.input(numbers({batch, units}, 2));
        loss  = tape.constant(0);
        for (std::size_t t = 0; t < steps; ++t) {
            states.push_back(h);
            Var const x = tape.input(xt::view(xs, t));
            sums.push_back(Var(W(x)) + Var(matmul(h, U)));
            h    = tanh(sums.back());
            loss = loss + sum(square(h) * numbers({batch, units}, 10 + t));
        }
    }
};

xt::xarray<double> moment(std::vector<xt::xarray<double>> const& rows) {
    std::size_t const n    = rows[0].shape(1);
    double count           = 0;
    xt::xarray<double> out = xt::zeros<double>({n, n});
    for (auto const& r : rows)
        for (std::size_t i = 0; i < r.shape(0); ++i, ++count)
            for (std::size_t j = 0; j < n; ++j)
                for (std::size_t k = 0; k < n; ++k) out(j, k) += r(i, j) * r(i, k);
    return out / count;
}

xt::xarray<double> product(xt::xarray<double> const& a, xt::xarray<double> const& b) {
    xt::xarray<double> out = xt::zeros<double>({a.shape(0), b.shape(1)});
    for (std::size_t i = 0; i < a.shape(0); ++i)
        for (std::size_t j = 0; j < b.shape(1); ++j)
            for (std::size_t k = 0; k < a.shape(1); ++k) out(i, j) += a(i, k) * b(k, j);
    return out;
}

double trace_mean(xt::xarray<double> const& m) {
    double out = 0;
    for (std::size_t i = 0; i < m.shape(0); ++i) out += m(i, i) / static_cast<double>(m.shape(0));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kronecker)

BOOST_AUTO_TEST_CASE(rows_are_those_of_the_program_in_its_order) {
    RecurrentNet net;
    GradientRows rows;
    Gradients const g = backward(net.loss, rows), all = backward(net.loss, Keep::all);
    for (Param* p : net.params.all()) BOOST_TEST(golden::near(g[*p].value<double>(), all[*p].value<double>(), 1e-13));
    WeightRows const &w = rows[net.W.weight], &u = rows[net.U];
    BOOST_TEST(w.rows == 12);
    BOOST_TEST((w.whole() && u.whole() && w.adjoint_is_left && !u.adjoint_is_left));
    for (std::size_t t = 0; t < net.steps; ++t)
        for (std::size_t b = 0; b < net.batch; ++b) {
            auto const delta    = xt::view(all[net.sums[t]].value<double>(), b);
            auto const state    = xt::view(net.states[t].value<double>(), b);
            std::size_t const r = t * net.batch + b;
            BOOST_TEST(golden::near(xt::xarray<double>(xt::view(w.input().value<double>(), r)),
                                    xt::xarray<double>(xt::view(net.xs, t, b)), 0));
            BOOST_TEST(
                golden::near(xt::xarray<double>(xt::view(u.input().value<double>(), r)), xt::xarray<double>(state), 0));
            BOOST_TEST(golden::near(xt::xarray<double>(xt::view(w.adjoint().value<double>(), r)),
                                    xt::xarray<double>(delta), 1e-14));
            BOOST_TEST(golden::near(xt::xarray<double>(xt::view(u.adjoint().value<double>(), r)),
                                    xt::xarray<double>(delta), 1e-14));
        }
}

BOOST_AUTO_TEST_CASE(factors_are_moments) {
    RecurrentNet net;
    GradientRows rows;
    backward(net.loss, rows);
    Gradients const all = backward(net.loss, Keep::all);
    std::vector<xt::xarray<double>> x, h, delta;
    for (std::size_t t = 0; t < net.steps; ++t) {
        x.push_back(xt::view(net.xs, t)), h.push_back(net.states[t].value<double>());
        delta.push_back(all[net.sums[t]].value<double>());
    }
    KroneckerFactors const w(rows[net.W.weight]), u(rows[net.U]);
    BOOST_TEST(golden::near(w.A, moment(x), 1e-14));
    BOOST_TEST(golden::near(u.A, moment(h), 1e-14));
    BOOST_TEST(golden::near(w.G, moment(delta), 1e-14));
    BOOST_TEST(golden::near(u.G, moment(delta), 1e-14));
    KroneckerFactors mean = w;
    mean.average(KroneckerFactors(rows[net.W.weight]), 0.9);
    BOOST_TEST(golden::near(mean.A, w.A, 1e-14));
    KroneckerFactors twice = w;
    twice.A *= 2, mean.average(twice, 0.75);
    BOOST_TEST(golden::near(mean.A, xt::xarray<double>(1.25 * w.A), 1e-14));
    BOOST_TEST(golden::near(mean.G, w.G, 1e-14));
}

BOOST_AUTO_TEST_CASE(a_preconditioned_gradient_times_the_damped_factors_is_the_gradient) {
    RecurrentNet net;
    GradientRows rows;
    Gradients const before   = backward(net.loss, rows);
    Gradients after          = backward(net.loss, rows);
    constexpr double damping = 0.04;
    for (Param* p : net.params.all()) BOOST_TEST_CONTEXT(p->path()) {
            KroneckerFactors const f(rows[*p]);
            f.precondition(after, rows[*p], damping);
            double const pi      = std::sqrt(trace_mean(f.A) / trace_mean(f.G));
            xt::xarray<double> A = f.A, G = f.G;
            for (std::size_t i = 0; i < A.shape(0); ++i) A(i, i) += pi * 0.2;
            for (std::size_t i = 0; i < G.shape(0); ++i) G(i, i) += 0.2 / pi;
            xt::xarray<double> d = after[*p].value<double>();
            if (p == &net.U) d = xt::xarray<double>(xt::transpose(d));  // matmul(h, U) has inputs in rows
            xt::xarray<double> back = product(product(G, d), A);
            if (p == &net.U) back = xt::xarray<double>(xt::transpose(back));
            BOOST_TEST(golden::near(back, before[*p].value<double>(), 1e-12));
        }
}

BOOST_AUTO_TEST_CASE(rows_and_factors_that_do_not_exist_say_why) {
    RecurrentNet net;
    Param& unused = net.params.zeros("unused", {2, 2});
    Var const h   = tanh(net.sums[0]);
    GradientRows rows;
    backward(sum(linear(h, net.U)) + sum(matmul(h, net.U)), rows);
    BOOST_TEST(has(message<ValueError>([&] { static_cast<void>(rows[net.U]); }),
                   "rows of U: products were taken with it in 2 ways, not in one"));
    BOOST_TEST(has(message<ValueError>([&] { static_cast<void>(rows[unused]); }), "in 0 ways"));
    KroneckerFactors const f(rows[net.W.weight]);
    BOOST_TEST(has(message<ValueError>([&] {
                       static_cast<void>(f.precondition(numbers({2, 5}, 1), 0));
                   }),
                   "damping is 0, but must be above 0"));
    BOOST_TEST(has(message<ShapeError>([&] {
                       static_cast<void>(f.precondition(numbers({5, 2}, 1), 1));
                   }),
                   "the gradient has the shape [5,2], and the weight [2,5]"));
    BOOST_TEST(has(message<ShapeError>([&] { backward(h, rows); }), "backward wants a scalar"));
}

BOOST_AUTO_TEST_SUITE_END()

// Lyapunov exponents of systems whose exponents are known, and identities that hold for all.
#include <cmath>
#include <limits>
#include <nn/diagnostics/systems.hpp>
#include <unspool/ops/linalg/lapack.hpp>
#include <xtensor/xview.hpp>

using namespace cells;
using namespace systems;

namespace {

double sum_of(std::vector<double> const& x) {
    double out = 0;
    for (double v : x) out += v;
    return out;
}

/// x' = 1 − 1.4 x² + y   y' = 0.3 x
struct Henon {
    struct State {
        Var h, y;
    };
    Index in() const { return 1; }
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{1}}); }
    State operator()(Var, State s) const {
        Var h = 1 - 1.4 * square(s.h) + s.y;
        Var y = 0.3 * s.h;
        return {h, y};
    }
};

/// Of Lorenz (1963), a step of Runge and Kutta; its state is an array.
struct Lorenz {
    using State = std::array<Var, 3>;
    double dt   = 0.01;

    Index in() const { return 1; }
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{1}}); }
    State operator()(Var, State s) const {
        State const a = slope(s), b = slope(plus(s, dt / 2, a)), c = slope(plus(s, dt / 2, b)),
                    d = slope(plus(s, dt, c));
        State out;
        for (std::size_t i = 0; i < 3; ++i) out[i] = s[i] + dt / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
        return out;
    }

private:
    static State slope(State const& s) {
        return {10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8.0 / 3 * s[2]};
    }
    static State plus(State const& s, double k, State const& d) {
        return {s[0] + k * d[0], s[1] + k * d[1], s[2] + k * d[2]};
    }
};

/// h' = tanh(W h + x), which takes down where it was.
struct RandomNetwork {
    Param& W;
    std::vector<Table>* seen = nullptr;

    RandomNetwork(Params p, Index n, double g) : W(p.normal("W", {n, n}, 0, g / std::sqrt(static_cast<double>(n)))) {}
    Index in() const { return W.shape()[0]; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.shape()[0]}); }
    Var operator()(Var x, Var h0) const {
        Var h = tanh(linear(h0, W) + x);
        if (seen) seen->push_back(Table(xt::view(h.value<double>(), 0)));
        return h;
    }
};

/// The mean of log |det J|, J = diag(1 − h²) W, over what was seen.
double mean_log_det(RandomNetwork const& net) {
    Table const w = net.W.value<double>();
    auto const n  = static_cast<Index>(w.shape()[0]);
    double sum    = 0;
    for (Table const& h : *net.seen) {
        Table j = w;
        for (std::size_t i = 0; i < h.size(); ++i) xt::view(j, i) *= 1 - h(i) * h(i);
        sum += core::lapack::log_abs_det<double>({j.data(), {n, n}, {n, 1}});
    }
    return sum / static_cast<double>(net.seen->size());
}

bool lies_at(LyapunovSpectrum const& s, std::size_t i, double expected) {
    return std::abs(s.exponents[i] - expected) < 4 * s.errors[i] &&
           s.errors[i] < 0.02 * std::max(1.0, std::abs(expected));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lyapunov_spectrum)

// Sprott, "Chaos and Time-Series Analysis" (2003), appendix A: 0.41922, −1.62319, dimension 1.25827.
BOOST_AUTO_TEST_CASE(of_henons_map_is_what_is_published) {
    auto const s = lyapunov(
        Henon(), 20000, {.warmup = 100, .state = {column({0.1, 0.2, 0.3, -0.2}), Table(xt::zeros<double>({4, 1}))}});
    BOOST_TEST(lies_at(s, 0, 0.41922), s);
    BOOST_TEST(lies_at(s, 1, -1.62319), s);
    BOOST_TEST(std::abs(sum_of(s.exponents) - std::log(0.3)) < 1e-10);
    BOOST_TEST(std::abs(s.dimension - 1.25827) < 0.003);
    BOOST_TEST(s.entropy_rate == s.exponents[0]);
    BOOST_TEST(s.complete);
}

BOOST_AUTO_TEST_CASE(of_the_logistic_map_is_log_2) {
    auto const s = lyapunov(Logistic(), 20000, {.warmup = 10, .state = {column({0.3141, 0.1234, 0.777, 0.52})}});
    BOOST_TEST(lies_at(s, 0, std::log(2)), s);
    BOOST_TEST(s.dimension == 1);
    // Of a cycle of two, x = (r + 1 ± √((r − 3)(r + 1))) / 2r, it is ½ log |4 + 2 r − r²|.
    auto const cycle = lyapunov(Logistic{3.3}, 1064, {.warmup = 1000, .state = {column({0.3})}});
    BOOST_TEST(std::abs(cycle.exponents[0] - 0.5 * std::log(std::abs(4 + 2 * 3.3 - 3.3 * 3.3))) < 1e-12);
    BOOST_TEST(cycle.dimension == 0);
    BOOST_TEST(cycle.entropy_rate == 0);
}

// Sprott (2003): 0.9056, 0, −14.5723, dimension 2.06215.  The sum is the divergence of the flow, −(10 + 1 + 8/3).
BOOST_AUTO_TEST_CASE(of_lorenz_equations_is_what_is_published) {
    Table const x = column({1, 2, -3, -8, 5, 10, -1, 7}), y = x + 0.5, z = xt::ones<double>({8, 1}) * 20;
    auto const s = lyapunov(Lorenz(), 20000, {.warmup = 1000, .dt = 0.01, .state = {x, y, z}});
    BOOST_TEST(lies_at(s, 0, 0.9056), s);
    BOOST_TEST(std::abs(s.exponents[1]) < 0.01, s);
    BOOST_TEST(lies_at(s, 2, -14.5723), s);
    BOOST_TEST(std::abs(sum_of(s.exponents) + 41.0 / 3) < 1e-3);  // by steps of a fourth order
    BOOST_TEST(std::abs(s.dimension - 2.06215) < 0.005);
}

// Sompolinsky, Crisanti and Sommers (1988); in steps, Molgedey, Schuchhardt and Schuster (1992): chaos from g = 1 on.
BOOST_AUTO_TEST_CASE(of_a_random_network_adds_up_to_its_determinants) {
    for (double g : {0.8, 2.0, 4.0}) {
        std::vector<Table> seen;
        Params p(7, float64);
        RandomNetwork net(p, 40, g);
        net.seen     = &seen;
        auto const s = lyapunov(net, 300, {.state = {drawn_at_random({1, 40}, 3)}});
        BOOST_TEST(std::abs(sum_of(s.exponents) - mean_log_det(net)) < 1e-10, s);
        BOOST_TEST((s.exponents[0] > 0) == (g > 1));
        BOOST_TEST((s.dimension > 0) == (g > 1));
        auto const few = lyapunov(net, 300, {.exponents = 3, .state = {drawn_at_random({1, 40}, 3)}});
        for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(std::abs(few.exponents[i] - s.exponents[i]) < 0.05);
        BOOST_TEST(few.complete == (g < 1));
    }
}

// What drives a network makes it less chaotic (Molgedey, Schuchhardt and Schuster 1992).
BOOST_AUTO_TEST_CASE(of_a_driven_network_is_smaller) {
    std::vector<Table> seen;
    Params p(7, float64);
    RandomNetwork net(p, 30, 2);
    net.seen          = &seen;
    auto const driven = lyapunov(net, drawn_at_random({300, 1, 30}, 4, 2));
    BOOST_TEST(std::abs(sum_of(driven.exponents) - mean_log_det(net)) < 1e-10);
    auto const by_itself = lyapunov(net, 300, {.state = {drawn_at_random({1, 30}, 3)}});
    BOOST_TEST(driven.exponents[0] < by_itself.exponents[0]);
}

BOOST_AUTO_TEST_CASE(of_a_diagonal_matrix_is_its_elements_and_minus_infinity_where_one_is_0) {
    auto const s = lyapunov(Diagonal{{0.5, 2, 0, -1}}, 20 + 16, {.warmup = 20});
    BOOST_TEST(s.exponents[0] == std::log(2), boost::test_tools::tolerance(1e-9));
    BOOST_TEST(std::abs(s.exponents[1]) < 1e-5);
    BOOST_TEST(s.exponents[2] == std::log(0.5), boost::test_tools::tolerance(1e-4));
    BOOST_TEST(s.exponents[3] == -std::numeric_limits<double>::infinity());
    BOOST_TEST(std::isnan(s.errors[3]));
    BOOST_TEST(s.dimension == 3);
    BOOST_TEST(s.complete);
    auto const tiny = lyapunov(Diagonal{{1, 1e-30}}, 40, {.warmup = 20});  // small is not lost
    BOOST_TEST(tiny.exponents[1] == std::log(1e-30), boost::test_tools::tolerance(1e-12));
}

/// What it is stretched by, the input and the number of the step say.
struct Stretched {
    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var x, Var h, Index t) const { return static_cast<double>(t + 1) * x * h; }
};

BOOST_AUTO_TEST_CASE(of_one_unit_is_a_mean_with_the_error_of_sixteen_means) {
    Table xs = xt::exp(drawn_at_random({32, 1, 1}, 4));
    std::vector<double> means(16);
    double mean = 0, squares = 0;
    for (std::size_t t = 0; t < 32; ++t) means[t / 2] += std::log(static_cast<double>(t + 1) * xs(t, 0, 0)) / 2;
    for (double m : means) mean += m / 16;
    for (double m : means) squares += (m - mean) * (m - mean);
    auto const s = lyapunov(Stretched(), xs);
    BOOST_TEST(s.exponents[0] == mean, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(s.errors[0] == std::sqrt(squares / 15 / 16), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(of_saturated_units_is_minus_infinity) {
    Params p(5, float64);
    RandomNetwork net(p, 12, 1.5);
    Table xs = xt::zeros<double>({60, 1, 12});
    for (std::size_t t = 0; t < 60; ++t) xs(t, 0, 2) = xs(t, 0, 7) = 40;  // where tanh is 1, its slope 0
    auto const s    = lyapunov(net, xs, {.state = {drawn_at_random({1, 12}, 3)}});
    auto const lost = std::count(s.exponents.begin(), s.exponents.end(), -std::numeric_limits<double>::infinity());
    BOOST_TEST(lost == 2);
    for (double e : s.exponents) BOOST_TEST(!std::isnan(e));
    BOOST_TEST(s.csv().find("12,-inf,nan\n") != std::string::npos);
    BOOST_TEST(text(s).find("−∞") == std::string::npos);  // the first six are finite
}

BOOST_AUTO_TEST_CASE(is_the_mean_over_a_batch) {
    Params p(3, float64);
    nn::LSTMCell const lstm(p, 2, 5);
    Table const xs = drawn_at_random({64, 3, 2}, 8);
    auto const all = lyapunov(lstm, xs);
    std::vector<double> mean(10, 0.0);
    for (std::size_t b = 0; b < 3; ++b) {
        auto const one = lyapunov(lstm, Table(xt::view(xs, xt::all(), xt::range(b, b + 1))));
        for (std::size_t i = 0; i < 10; ++i) mean[i] += one.exponents[i] / 3;
    }
    BOOST_TEST(all.features == 10);
    // Directions at the beginning differ, and are forgotten.
    for (std::size_t i = 0; i < 10; ++i) BOOST_TEST(std::abs(all.exponents[i] - mean[i]) < 0.1, i << ": " << all);
    BOOST_TEST(std::abs(sum_of(all.exponents) - sum_of(mean)) < 1e-10);
}

BOOST_AUTO_TEST_CASE(knows_the_number_of_a_step) {
    struct EverySecond {
        Index in() const { return 1; }
        Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 2}); }
        Var operator()(Var, Var h, Index t) const { return t % 2 ? 2 * h : 3 * h; }
    };
    auto const s = lyapunov(EverySecond(), 32);
    BOOST_TEST(std::abs(s.exponents[0] - 0.5 * std::log(6)) < 1e-14);
    BOOST_TEST(std::abs(s.exponents[1] - 0.5 * std::log(6)) < 1e-14);
}

BOOST_AUTO_TEST_CASE(of_a_state_that_is_thrown_away_is_minus_infinity) {
    struct Copy {
        Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 2}); }
        Var operator()(Var x, Var) const { return x; }
    };
    auto const s = lyapunov(Copy(), drawn_at_random({20, 1, 2}, 1));
    BOOST_TEST(s.exponents[0] == -std::numeric_limits<double>::infinity());
    BOOST_TEST(s.dimension == 0);
    BOOST_TEST(text(s).find("−∞, −∞\n") != std::string::npos, text(s));
}

BOOST_AUTO_TEST_SUITE_END()

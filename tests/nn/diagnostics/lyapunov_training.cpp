// Lyapunov exponents beside a training, what is refused, and the directions they are measured along.
#include <cmath>
#include <limits>
#include <nn/diagnostics/systems.hpp>
#include <unspool/nn/diagnostics/directions.hpp>

using namespace cells;
using namespace systems;

BOOST_AUTO_TEST_SUITE(lyapunov_exponents)

BOOST_AUTO_TEST_CASE(are_told_by_a_training_and_drawn) {
    Params p(3);
    nn::RNNCell const rnn(p, 1, 4);
    Table const probe = drawn_at_random({40, 1, 1}, 8);
    struct Numbers {
        xt::xarray<float> xs;
        Index size() const { return 4; }
    };
    std::vector<Numbers> const data{{xt::xarray<float>(drawn_at_random({5, 4, 1}, 2))}};
    std::vector<LyapunovSpectrum> spectra;
    Sgd sgd(p, {.rate = 0.1});
    auto const loss = [&](Tape& tape, Numbers const& batch, Mode) {
        return Var(mean(square(scan(rnn, tape.constant(batch.xs), rnn.zeros(tape, 4)).state - 1)));
    };
    fit(p, sgd, data, loss, {.epochs = 3, .quiet = true, .on_epoch = [&](TrainingProgress&) {
                                 spectra.push_back(lyapunov(rnn, probe, {.exponents = 2}));
                             }});
    BOOST_TEST(spectra.size() == 3);
    BOOST_TEST(spectra[0].exponents[0] != spectra[2].exponents[0]);
    std::string const file = "lyapunov.svg";
    plot(spectra, file, {.title = "Exponents"});
    plot(spectra[0], file);
    spectra[0].save("lyapunov.csv");
    std::remove("lyapunov.csv");
    std::remove(file.c_str());
    BOOST_CHECK_THROW(plot(lyapunov(Diagonal{{0, 0}}, 16), file), ValueError);
    BOOST_CHECK_THROW(plot(spectra[0], "lyapunov.bmp"), ValueError);
}

BOOST_AUTO_TEST_CASE(are_refused_with_the_reason) {
    Params p(3, float64);
    nn::RNNCell const rnn(p, 2, 3);
    Table const xs = drawn_at_random({30, 1, 2}, 8);
    BOOST_TEST(
        has(message<ValueError>([&] { lyapunov(rnn, xs, {.exponents = 4}); }), "4 exponents of a state of 3 features"));
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(rnn, xs, {.exponents = -1}); }), "lyapunov_training.cpp:"));
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(rnn, xs, {.warmup = 15}); }), "30 steps with a warm-up of 15"));
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(rnn, xs, {.warmup = -1}); }), "a warm-up of 0 or more"));
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(rnn, xs, {.dt = 0}); }), "not 0"));
    BOOST_CHECK_THROW(lyapunov(rnn, -3), ValueError);
    BOOST_CHECK_THROW(lyapunov(rnn, Table(xt::zeros<double>({30}))), ShapeError);
    BOOST_CHECK_THROW(lyapunov(rnn, drawn_at_random({30, 1, 5}, 8)), ShapeError);
    BOOST_CHECK_THROW(lyapunov(rnn, xs, {.state = {Table(xt::zeros<double>({2, 3}))}}), ShapeError);
    BOOST_CHECK_THROW(lyapunov(rnn, std::vector<Table>{xs, xs}), ShapeError);
    Table bad     = xs;
    bad(17, 0, 1) = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(rnn, bad); }), "h is nan after step 17"));
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(Logistic{5}, 100, {.state = {column({2.0})}}); }),
                   "h is -inf after step"));
    struct Root : Logistic {
        Var operator()(Var, Var h) const { return sqrt(h); }
    };
    BOOST_TEST(has(message<ValueError>([&] { lyapunov(Root(), 100); }), "a derivative is"));
    struct Counting {
        struct State {
            Var h;
            int steps = 0;
        };
        State zeros(Tape& tape, Index batch) const { return {tape.zeros({batch, 1})}; }
        State operator()(Var x, State s) const { return {s.h + x, s.steps + 1}; }
    };
    BOOST_TEST(has(message<TypeError>([&] { lyapunov(Counting(), 100); }), "members that are no Vars"));
}

BOOST_AUTO_TEST_CASE(have_directions_that_stay_orthonormal_and_lost_ones_drawn_anew) {
    Random random(1);
    std::vector<double> rows{1, 1, 0, 2, 2, 0, 0, 1, 5}, logs(3);
    core::orthonormalise(rows, logs, random);
    BOOST_TEST(std::abs(logs[0] - 0.5 * std::log(2)) < 1e-15);
    BOOST_TEST(logs[1] == -std::numeric_limits<double>::infinity());
    BOOST_TEST(std::abs(logs[2] - 0.5 * std::log(25.5)) < 1e-15);
    for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = 0; b < 3; ++b) {
            double product = 0;
            for (std::size_t i = 0; i < 3; ++i) product += rows[3 * a + i] * rows[3 * b + i];
            BOOST_TEST(std::abs(product - (a == b)) < 1e-15);
        }
    // Nearly parallel ones, of which rounding leaves much of the first in the second.
    std::vector<double> pair{1, 1, 1, 1 + 1e-10, 1 - 1e-10, 1}, lengths(2);
    core::orthonormalise(pair, lengths, random);
    BOOST_TEST(std::abs(pair[0] * pair[3] + pair[1] * pair[4] + pair[2] * pair[5]) < 1e-15);
}

BOOST_AUTO_TEST_SUITE_END()

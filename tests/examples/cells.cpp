// Cells from papers: each has the right gradients, over several steps, and learns what a broken one would not.
#include <boost/test/unit_test.hpp>
#include <cells/ctrnn.hpp>
#include <cells/echo_state.hpp>
#include <cells/indrnn.hpp>
#include <cells/lmu.hpp>
#include <cells/minimal.hpp>
#include <cells/mlstm.hpp>
#include <cells/neural_ode.hpp>
#include <cells/slstm.hpp>
#include <cells/sru.hpp>

using namespace unspool;

namespace {

xt::xarray<double> numbers(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<double> out = xt::zeros<double>(shape);
    Random random(seed);
    for (double& x : out) x = random.normal();
    return out;
}

/// The mean squared error of a cell and a readout that recall the mean of the last two inputs, after so many updates: 0.5 of who learns
/// nothing, 0.25 at best of who remembers nothing.
template <class C> double learned(C const& cell, Params p, Index in, Index hidden, std::uint64_t updates = 150) {
    nn::Linear const out(p / "readout", hidden, in);
    Adam adam(p, {.rate = 0.02});
    double loss = 0;
    for (std::uint64_t k = 0; k < updates; ++k) {
        Tape tape;
        Var const xs = tape.constant(numbers({8, 16, static_cast<std::size_t>(in)}, k + 1));
        auto const r = core::scan(cell, xs, cell.zeros(tape, 16));
        Var const ys = out(slice(stack(r.outputs), 0, 1, 8));
        Var const l  = mse(ys, 0.5 * (slice(xs, 0, 1, 8) + slice(xs, 0, 0, 7)));
        adam.step(backward(l));
        loss = k + 10 < updates ? 0 : loss + l.item() / 10;
    }
    return loss;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cells_from_papers)

BOOST_AUTO_TEST_CASE(have_the_gradients_of_their_values) {
    Params p(4, float64);
    BOOST_TEST(gradcheck(IndRNN(p / "a", 3, 4)));
    BOOST_TEST(gradcheck(MinGRU(p / "b", 3, 4)));
    BOOST_TEST(gradcheck(MinLSTM(p / "c", 3, 4)));
    BOOST_TEST(gradcheck(SRU(p / "d", 4), {.in = 4}));
    BOOST_TEST(gradcheck(SLSTM(p / "e", 3, 4)));
    BOOST_TEST(gradcheck(MLSTM(p / "f", 3, 2)));
    BOOST_TEST(gradcheck(CTRNN(p / "g", 3, 4)));
    BOOST_TEST(gradcheck(LMU(p / "h", 3, 4, 5, 8)));
    BOOST_TEST(gradcheck(EchoState(p / "i", 3, 4)));
    NeuralODE const ode(p / "j", 3, 4);
    auto const run = [&](Tape& t, auto in) -> Var {
        return core::stack(core::scan(ode, std::tuple(in[0], in[1]), ode.zeros(t, 2)).outputs);
    };
    BOOST_TEST(gradcheck(run, {{"xs", numbers({4, 2, 3}, 1)}, {"dt", numbers({4, 2, 1}, 2)}}, p / "j"));
}

BOOST_AUTO_TEST_CASE(learn_what_they_can) {
    Params p(6);
    auto const below = [&](char const* name, double bar, double got) { BOOST_TEST(got < bar, name << ": " << got); };
    below("IndRNN", 0.25, learned(IndRNN(p / "a", 2, 16), p / "a", 2, 16));
    below("MinGRU", 0.25, learned(MinGRU(p / "b", 2, 16), p / "b", 2, 16));
    below("MinLSTM", 0.25, learned(MinLSTM(p / "c", 2, 16), p / "c", 2, 16));
    below("SRU", 0.25, learned(SRU(p / "d", 2), p / "d", 2, 2));
    below("SLSTM", 0.25, learned(SLSTM(p / "e", 2, 16), p / "e", 2, 16));
    below("MLSTM", 0.1, learned(MLSTM(p / "f", 2, 16), p / "f", 2, 16, 1000));
    below("CTRNN", 0.25, learned(CTRNN(p / "g", 2, 16), p / "g", 2, 16));
    below("LMU", 0.25, learned(LMU(p / "h", 2, 16, 4, 4), p / "h", 2, 16));
    below("EchoState", 0.25, learned(EchoState(p / "i", 2, 32), p / "i", 2, 32));
}

BOOST_AUTO_TEST_CASE(a_reservoir_is_not_trained_and_has_its_radius) {
    Params p(7);
    EchoState const cell(p, 2, 24, 0.8);
    auto const before = xt::xarray<float>(cell.U.value<float>());
    learned(cell, p, 2, 24);
    BOOST_TEST(cell.U.value<float>() == before);
    std::vector<double> const u(before.begin(), before.end());
    BOOST_TEST(spectral_norm(u, 24, 24) >= 0.8);  // which is never below the spectral radius
}

BOOST_AUTO_TEST_SUITE_END()

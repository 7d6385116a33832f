// The steady state of training allocates nothing.  A program of its own, because it replaces the global operator new.
#include <array>
#include <boost/test/unit_test.hpp>
#include <counted_new.hpp>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index steps = 7, batch = 3, symbols = 11, width = 5, hidden = 9;

/// A character model and what trains it.
template <class Cell> struct Model {
    Params params{1};
    nn::Embedding embed{params / "embed", symbols, width};
    Cell cell{params / "cell", width, hidden};
    nn::Linear out{params / "out", hidden, symbols};
    Adam adam{params};
    Tape tape;

    double train(std::span<int const> ids, std::span<int const> targets) {
        tape.rewind();
        Var const xs       = reshape(embed(tape, ids), {steps, batch, width});
        auto const scanned = scan(cell, xs, cell.zeros(tape, batch), "cell");
        Var const logits   = out(stack(scanned.outputs));
        Var const loss     = cross_entropy(reshape(logits, {steps * batch, symbols}), targets);
        Gradients g        = backward(loss);
        clip_grad_norm(g, 0.1);
        adam.step(g);
        return loss.item();
    }
};

template <class Cell> void check() {
    Model<Cell> model;
    std::array<int, steps * batch> ids, targets;
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = static_cast<int>(i * i % symbols), targets[i] = static_cast<int>(i * 7 % symbols);
    double const first = model.train(ids, targets);
    model.train(ids, targets), model.train(ids, targets);

    std::size_t const before = allocations;
    double last              = first;
    for (int i = 0; i < 5; ++i) last = model.train(ids, targets);
    std::size_t const during = allocations - before;
    BOOST_TEST(during == 0u);
    BOOST_TEST(before > 0u);
    BOOST_TEST(last < first);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(steady_state)

BOOST_AUTO_TEST_CASE(of_an_lstm_allocates_nothing) { check<nn::LSTMCell>(); }
BOOST_AUTO_TEST_CASE(of_a_gru_allocates_nothing) { check<nn::GRUCell>(); }
BOOST_AUTO_TEST_CASE(of_an_elman_network_allocates_nothing) { check<nn::RNNCell>(); }

BOOST_AUTO_TEST_SUITE_END()

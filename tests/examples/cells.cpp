// Cells from papers: each has the right gradients, over several steps, and learns what a broken one would not.
#include <boost/test/unit_test.hpp>
#include <cells/clockwork.hpp>
#include <cells/ctrnn.hpp>
#include <cells/echo_state.hpp>
#include <cells/indrnn.hpp>
#include <cells/lif.hpp>
#include <cells/lmu.hpp>
#include <cells/ltc.hpp>
#include <cells/minimal.hpp>
#include <cells/mlstm.hpp>
#include <cells/neural_ode.hpp>
#include <cells/ntm.hpp>
#include <cells/phased_lstm.hpp>
#include <cells/s4d.hpp>
#include <cells/selective.hpp>
#include <cells/slstm.hpp>
#include <cells/sru.hpp>
#include <cells/tree_lstm.hpp>
#include <cells/vrnn.hpp>
#include <examples/drawn.hpp>

using namespace unspool;

namespace {

/// The mean squared error of a network and a readout that recall the mean of the last two inputs, after so many updates: 0.5 of
/// who learns nothing, 0.25 at best of who remembers nothing.
template <class Run> double recalled(Run const& outputs, Params p, Index in, Index hidden, std::uint64_t updates) {
    nn::Linear const out(p / "readout", hidden, in);
    Adam adam(p, {.rate = 0.02});
    double loss = 0;
    for (std::uint64_t k = 0; k < updates; ++k) {
        Tape tape;
        Var const xs = tape.constant(drawn({8, 16, static_cast<std::size_t>(in)}, k + 1));
        Var const ys = out(slice(stack(outputs(tape, xs)), 0, 1, 8));
        Var const l  = mse(ys, 0.5 * (slice(xs, 0, 1, 8) + slice(xs, 0, 0, 7)));
        adam.step(backward(l));
        loss = k + 10 < updates ? 0 : loss + l.item() / 10;
    }
    return loss;
}
template <class C> double learned(C const& cell, Params p, Index in, Index hidden, std::uint64_t updates = 150) {
    auto const run = [&](Tape& tape, Var xs) { return core::scan(cell, xs, cell.zeros(tape, 16)).outputs; };
    return recalled(run, p, in, hidden, updates);
}
/// The same of a cell that is told how much time has passed since the last step, or since the first.
template <class C> double learned_in_time(C const& cell, Params p, Index in, Index hidden, bool differences) {
    auto const run = [&](Tape& tape, Var xs) {
        Var const dt = tape.constant(xt::xarray<double>(1 + 0.5 * xt::sin(drawn({8, 16, 1}, 5))));
        Var const t  = cumsum(dt, 0);
        return core::scan(cell, std::tuple(xs, differences ? dt : t), cell.zeros(tape, 16)).outputs;
    };
    return recalled(run, p, in, hidden, 300);
}

/// A controller without a memory.
struct FeedForward {
    nn::Linear W;
    FeedForward(Params p, Index in, Index hidden) : W(p / "W", in, hidden) {}
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }
    Var operator()(Var x, Var) const {
        Var h = tanh(W(x));
        return h;
    }
};

/// A selective state space of features that are not the inputs: its step is linear in the state, times a function of the input.
struct Embedded {
    nn::Linear W;
    SelectiveSSM ssm;
    Embedded(Params p, Index in, Index features) : W(p / "W", in, features), ssm(p / "ssm", features, 4) {}
    using State = SelectiveSSM::State;
    State zeros(Tape& tape, Index batch) const { return ssm.zeros(tape, batch); }
    State operator()(Var x, State s) const { return ssm(W(x), s); }
};

struct Tree {
    Var x;
    std::vector<Tree> children;
};
/// Numbers at leaves and zeros within: a root with two children, below it nodes with 0 to 3.
Tree random_tree(Tape& tape, Random& random, int depth) {
    Tree out;
    std::uint64_t const n = depth == 0 ? 0 : depth == 3 ? 2 : random.below(4);
    for (std::uint64_t k = 0; k < n; ++k) out.children.push_back(random_tree(tape, random, depth - 1));
    out.x = n > 0 ? tape.zeros({16, 1}) : tape.constant(drawn({16, 1}, random.below(1000)));
    return out;
}
TreeLSTM::State state_of(TreeLSTM const& cell, Tree const& tree) {
    std::vector<TreeLSTM::State> children;
    for (Tree const& child : tree.children) children.push_back(state_of(cell, child));
    return cell.node(tree.x, children);
}
Var sum_of_leaves(Tree const& tree) {
    Var sum = tree.x;
    for (Tree const& child : tree.children) sum = sum + sum_of_leaves(child);
    return sum;
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
    BOOST_TEST(gradcheck(ClockworkRNN(p / "k", 3, 2, 3)));
    BOOST_TEST(gradcheck(LTC(p / "l", 3, 4)));
    BOOST_TEST(gradcheck(NTM(p / "m", 3, 4, 5, 3)));
    BOOST_TEST(gradcheck(TreeLSTM(p / "n", 3, 4)));
    BOOST_TEST(gradcheck(S4D(p / "o", 3, 4), {.in = 3}));
    BOOST_TEST(gradcheck(SelectiveSSM(p / "p", 3, 4), {.in = 3}));
    BOOST_TEST(gradcheck(LIF(p / "q", 3, 4)));
}

BOOST_AUTO_TEST_CASE(of_two_inputs_have_the_gradients_of_their_values) {
    Params p(4, float64);
    auto const check = [&](auto const& cell, char const* second, Index size) {
        auto const run = [&](Tape& t, auto in) -> Var {
            auto const [hs, state] = core::scan(cell, std::tuple(in[0], in[1]), cell.zeros(t, 2));
            std::vector<Var> all(hs.begin(), hs.end());
            for (Var const& part : states::parts(state)) all.push_back(part);
            return core::concat(all, -1);
        };
        return gradcheck(run,
                         {{"xs", drawn({4, 2, 3}, 1)}, {second, drawn({4, 2, static_cast<std::size_t>(size)}, 2)}});
    };
    BOOST_TEST(check(NeuralODE(p / "a", 3, 4), "dt", 1));
    BOOST_TEST(check(PhasedLSTM(p / "b", 3, 4, 0.6, 0.1), "t", 1));
    BOOST_TEST(check(VRNN(p / "c", 3, 4, 2), "noise", 2));
}

BOOST_AUTO_TEST_CASE(learn_what_they_can) {
    Params p(6);
    auto const below = [&](char const* name, double bar, double got) { BOOST_TEST(got < bar, name << ": " << got); };
    below("IndRNN", 0.2, learned(IndRNN(p / "a", 2, 16), p / "a", 2, 16));
    below("MinGRU", 0.2, learned(MinGRU(p / "b", 2, 16), p / "b", 2, 16));
    below("MinLSTM", 0.2, learned(MinLSTM(p / "c", 2, 16), p / "c", 2, 16));
    below("SRU", 0.2, learned(SRU(p / "d", 2), p / "d", 2, 2));
    below("SLSTM", 0.2, learned(SLSTM(p / "e", 2, 16), p / "e", 2, 16));
    below("MLSTM", 0.1, learned(MLSTM(p / "f", 2, 16), p / "f", 2, 16, 1000));
    below("CTRNN", 0.2, learned(CTRNN(p / "g", 2, 16), p / "g", 2, 16));
    below("LMU", 0.2, learned(LMU(p / "h", 2, 16, 4, 4), p / "h", 2, 16));
    below("EchoState", 0.2, learned(EchoState(p / "i", 2, 32), p / "i", 2, 32));
    below("ClockworkRNN", 0.05, learned(ClockworkRNN(p / "j", 2, 16, 3), p / "j", 2, 48));
    below("LTC", 0.2, learned(LTC(p / "k", 2, 16), p / "k", 2, 16));
    below("NTM", 0.2, learned(NTM<FeedForward>(p / "l", 2, 16, 4, 8), p / "l", 2, 16, 600));
    below("TreeLSTM", 0.2, learned(TreeLSTM(p / "m", 2, 16), p / "m", 2, 16));
    below("S4D", 0.2, learned(S4D(p / "n", 2, 8, 0.3, 1), p / "n", 2, 2, 300));
    below("SelectiveSSM", 0.2, learned(Embedded(p / "o", 2, 16), p / "o", 2, 16, 300));
    below("LIF", 0.2, learned(LIF(p / "q", 2, 64), p / "q", 2, 64, 300));
    below("NeuralODE", 0.2, learned_in_time(NeuralODE(p / "r", 2, 16), p / "r", 2, 16, true));
    below("PhasedLSTM", 0.2, learned_in_time(PhasedLSTM(p / "s", 2, 16, 0.6), p / "s", 2, 16, false));
}

BOOST_AUTO_TEST_CASE(of_a_tree_have_the_gradients_of_their_values) {
    Params p(5, float64);
    TreeLSTM const cell(p, 1, 4);
    auto const run = [&](Tape& t, auto in) -> Var {
        Tree const inner{in[0], {{in[1], {}}, {in[2], {}}, {in[3], {}}}};
        auto const [h, c] = state_of(cell, {t.zeros({2, 1}), {inner, {in[4], {}}}});
        return h + 2 * c;
    };
    std::vector<GradInput> leaves;
    for (std::uint64_t k = 0; k < 5; ++k) leaves.emplace_back(drawn({2, 1}, k));
    BOOST_TEST(gradcheck(run, leaves, p, {.jitter = 0.1}));
}

/// The error of the sum of a tree's leaves from the state of its root, relative to the variance: 1 of who sees no leaf.
BOOST_AUTO_TEST_CASE(a_tree_is_summed_from_its_leaves_to_its_root) {
    Params p(8);
    TreeLSTM const cell(p / "cell", 1, 16);
    nn::Linear const out(p / "readout", 16, 1);
    Adam adam(p, {.rate = 0.01});
    Random random(3);
    double error = 0, variance = 0;
    for (int k = 0; k < 600; ++k) {
        Tape tape;
        Tree const tree = random_tree(tape, random, 3);
        Var const y = sum_of_leaves(tree), l = mse(out(state_of(cell, tree).h), y);
        adam.step(backward(l));
        if (k >= 500) error += l.item(), variance += Var(mean(square(y))).item();
    }
    BOOST_TEST(error < 0.1 * variance, error / variance);
}

/// Points on a circle, each a radian further than the last, with noise of 0.1: who forgets the last one needs at least
/// ln 2π + ln 0.1 + ½ ln 2πe = 0.95 nats for each.
BOOST_AUTO_TEST_CASE(a_variational_network_knows_what_comes) {
    Params p(9);
    VRNN const cell(p / "cell", 2, 16, 2);
    Adam adam(p, {.rate = 0.01});
    double nats = 0;
    for (std::uint64_t k = 0; k < 400; ++k) {
        Tape tape;
        xt::xarray<double> const start = 10. * drawn({1, 16, 1}, 3 * k),
                                 steps = xt::reshape_view(xt::arange<double>(10), {10, 1, 1});
        xt::xarray<double> const angle = start + steps;
        xt::xarray<double> const points =
            xt::concatenate(xt::xtuple(xt::cos(angle), xt::sin(angle)), 2) + 0.1 * drawn({10, 16, 2}, 3 * k + 1);
        Var const xs = tape.constant(points), noise = tape.constant(drawn({10, 16, 2}, 3 * k + 2));
        VRNN::State const s = core::scan(cell, std::tuple(xs, noise), cell.zeros(tape, 16)).state;
        Var const l         = mean(s.kl + s.nll) / 10;
        adam.step(backward(l));
        if (k >= 390) nats += l.item() / 10;
    }
    BOOST_TEST(nats < 0, nats);
}

BOOST_AUTO_TEST_SUITE_END()

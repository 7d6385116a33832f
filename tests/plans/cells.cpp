// The cells by name.
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
#include <memory>
#include <plans/cells.hpp>
#include <plans/random_cell.hpp>

namespace plans {

namespace {

/// The parameters, whose the cell refers to, live as long as what is made of it.
template <class C> NamedCell named(Params const& p, std::string name, C cell, std::vector<Shape> inputs) {
    auto const kept = std::make_shared<C const>(std::move(cell));
    return {std::move(name),
            [kept, p](Index batch) {
                core::PlannableCell out = core::plannable(*kept, batch);
                auto const step         = out.step;
                out.step                = [kept, p, step](auto x, auto s) { return step(x, s); };
                return out;
            },
            std::move(inputs),
            [kept, p] {
                core::SteppedCell out = core::stepped_cell(*kept);
                out.step              = [kept, p, step = out.step](auto x, auto s, Index t) { return step(x, s, t); };
                return out;
            },
            [kept, p] { return core::examined_cell(*kept); }};
}

/// Gives a function of its input.
struct OfInput {
    using State = Var;
    Index in;
    std::function<Var(Var)> f;
    Var zeros(Tape& tape, Index batch) const { return f(tape.zeros({batch, in})); }
    Var operator()(Var x, Var) const { return f(x); }
};

}  // namespace

std::vector<NamedCell> shipped_cells(Params const& p) {
    std::vector<Shape> const in{{5}};
    return {named(p, "rnn", nn::RNNCell(p / "rnn", 5, 7), in),
            named(p, "irnn", nn::IRNNCell(p / "irnn", 5, 7), in),
            named(p, "gru", nn::GRUCell(p / "gru", 5, 32), in),
            named(p, "lstm", nn::LSTMCell(p / "lstm", 5, 32), in),
            named(p, "mgu", nn::MGUCell(p / "mgu", 5, 24), in),
            named(p, "coupled_lstm", nn::CoupledLSTMCell(p / "coupled", 5, 7), in),
            named(p, "peephole_lstm", nn::PeepholeLSTMCell(p / "peephole", 5, 7), in),
            named(p, "layer_norm_lstm", nn::LayerNormLSTMCell(p / "norm", 5, 9), in),
            named(p, "full_gate_lstm", nn::FullGateLSTMCell(p / "full", 5, 7), in),
            named(p, "projected_lstm", nn::LSTMCell(p / "projected", 5, 8, {.projection = 3, .clip = 0.5}), in)};
}

std::vector<NamedCell> example_cells(Params const& p) {
    std::vector<Shape> const in{{3}};
    return {named(p, "indrnn", IndRNN(p / "a", 3, 4), in),
            named(p, "min_gru", MinGRU(p / "b", 3, 4), in),
            named(p, "min_lstm", MinLSTM(p / "c", 3, 4), in),
            named(p, "sru", SRU(p / "d", 4), {{4}}),
            named(p, "slstm", SLSTM(p / "e", 3, 4), in),
            named(p, "mlstm", MLSTM(p / "f", 3, 2), in),
            named(p, "ctrnn", CTRNN(p / "g", 3, 4), in),
            named(p, "lmu", LMU(p / "h", 3, 4, 5, 8), in),
            named(p, "echo_state", EchoState(p / "i", 3, 4), in),
            named(p, "ltc", LTC(p / "l", 3, 4), in),
            named(p, "ntm", NTM<>(p / "m", 3, 4, 5, 3), in),
            named(p, "tree_lstm", TreeLSTM(p / "n", 3, 4), in),
            named(p, "s4d", S4D(p / "o", 3, 4), in),
            named(p, "selective", SelectiveSSM(p / "p", 3, 4), in),
            named(p, "lif", LIF(p / "q", 3, 4), in),
            named(p, "neural_ode", NeuralODE(p / "r", 3, 4), {{3}, {1}}),
            named(p, "phased_lstm", PhasedLSTM(p / "s", 3, 4, 0.6, 0.1), {{3}, {1}}),
            named(p, "vrnn", VRNN(p / "t", 3, 4, 2), {{3}, {2}})};
}

namespace {

template <class Op, std::size_t... k> Var applied(std::span<Var const> x, std::index_sequence<k...>) {
    return apply<Op>(x[k]...);
}
template <std::size_t arity, class... Op> void add(std::vector<Elementwise>& to, core::List<Op...>) {
    (to.push_back({Op::name, static_cast<Index>(arity), Op::domain.low, Op::domain.high,
                   [](std::span<Var const> x) { return applied<Op>(x, std::make_index_sequence<arity>{}); }}),
     ...);
}

}  // namespace

std::vector<Elementwise> const& elementwise() {
    static std::vector<Elementwise> const all = [] {
        std::vector<Elementwise> out;
        add<1>(out, core::UnaryOps{}), add<2>(out, core::BinaryOps{}), add<3>(out, core::TernaryOps{});
        return out;
    }();
    return all;
}

NamedCell cell_of(std::string name, Index in, std::function<Var(Var)> f) {
    return named(Params(1), std::move(name), OfInput{in, std::move(f)}, {{in}});
}

NamedCell random_cell(std::uint64_t seed) {
    Params const p(seed);
    RandomCell const cell(p, seed);
    return named(p, "random_" + std::to_string(seed), cell, {{cell.in()}});
}

}  // namespace plans

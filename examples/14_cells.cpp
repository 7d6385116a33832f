// Cells from papers, side by side: what they hold, what a step costs, how exact their gradients are.  docs/cells.md is what it prints,
// and docs/figures/cells what it draws with --pictures.
#include "cells/clockwork.hpp"
#include "cells/conv_lstm.hpp"
#include "cells/ctrnn.hpp"
#include "cells/echo_state.hpp"
#include "cells/indrnn.hpp"
#include "cells/lif.hpp"
#include "cells/lmu.hpp"
#include "cells/ltc.hpp"
#include "cells/minimal.hpp"
#include "cells/mlstm.hpp"
#include "cells/neural_ode.hpp"
#include "cells/ntm.hpp"
#include "cells/phased_lstm.hpp"
#include "cells/s4d.hpp"
#include "cells/selective.hpp"
#include "cells/slstm.hpp"
#include "cells/sru.hpp"
#include "cells/tree_lstm.hpp"
#include "cells/vrnn.hpp"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace unspool;
namespace fs = std::filesystem;

namespace {

constexpr Index steps = 32, batch = 16, small = 4, large = 64;  // units, as many as inputs

/// A cell of two inputs as one of one: its last features are the second.
template <class C> struct Joined {
    C cell;
    Index features, more;

    using State = typename C::State;
    State zeros(Tape& tape, Index sequences) const { return cell.zeros(tape, sequences); }
    Index in() const { return features + more; }
    State operator()(Var x, State s) const { return cell(slice(x, -1, 0, features), slice(x, -1, features, in()), s); }
};
template <class C> Joined(C, Index, Index) -> Joined<C>;

/// A cell of square images as one of their pixels in a row.
struct Pixels {
    Index channels, side;
    ConvLSTM cell;

    Pixels(Params p, Index n)
        : channels{n < 64 ? 1 : 4}, side{n < 64 ? 2 : 4}, cell{p, channels, channels, 3, side, side} {}

    using State = ConvLSTM::State;
    State zeros(Tape& tape, Index sequences) const { return cell.zeros(tape, sequences); }
    State operator()(Var x, State s) const { return cell(reshape(x, {x.shape()[0], channels, side, side}), s); }
};

template <class C> Index inputs(C const& cell, Index units) {
    if constexpr (requires { cell.in(); }) return cell.in();
    else return units;
}

/// Seconds of a forward and a backward pass over a sequence.  The loss is of all steps: adjoints of the last alone would become
/// subnormal on their way to the first, which some processors take ten times as long for.
template <class C> double seconds(C const& cell, Tape& tape) {
    auto const start = std::chrono::steady_clock::now();
    tape.rewind();
    Var const xs = tape.input(xt::xarray<double>(xt::ones<double>({steps, batch, inputs(cell, large)}) * 0.1));
    auto const r = scan(cell, xs, cell.zeros(tape, batch));
    Var const l  = sum(square(stack(r.outputs)));
    static_cast<void>(backward(l));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
/// Of an LSTM's at the same time, the median of some.
template <class C> double relative_time(C const& cell) {
    static Params const params(1);
    static nn::LSTMCell const lstm(params, large, large);
    Tape tape, other;
    std::vector<double> all;
    for (int k = 0; k < 25; ++k) all.push_back(seconds(cell, tape) / seconds(lstm, other));
    std::nth_element(all.begin(), all.begin() + 12, all.end());
    return all[12];
}

/// One step, with the parts of the state that it starts from.
template <class C> void draw(C const& cell, fs::path const& path) {
    Tape tape;
    Var const x       = tape.input(xt::xarray<double>(xt::ones<double>({Index{2}, inputs(cell, small)})), "x");
    auto const zeros  = cell.zeros(tape, 2);
    auto before       = states::parts(zeros);
    std::size_t named = 0;
    for (Var& part : before) part = tape.input(part.value<float>(), states::member_name(zeros, named++) + "0");
    auto const after = states::parts(core::stepped(cell, x, states::with_parts(zeros, before.data()), Where::here()));
    Graph(std::vector<Var>(after.begin(), after.end())).tooltips(false).write(path);
}

/// Of code, without comments and what is included, of a header beside this file, if it is at hand.
std::string lines_of(fs::path const& header) {
    std::ifstream in(fs::path(__FILE__).parent_path() / header);
    int n = 0;
    for (std::string line; std::getline(in, line);) {
        auto const at = line.find_first_not_of(' ');
        n += at != std::string::npos && line[at] != '#' && line.compare(at, 2, "//") != 0;
    }
    return n > 0 ? std::to_string(n) : "";
}

struct Table {
    fs::path pictures;  ///< empty: none

    /// `make(params, units)` makes a small one, which is checked and drawn, and a large one, which is measured.
    template <class Make> void row(std::string const& name, fs::path const& file, Make make) const {
        Params p(1), q(2, float64);
        auto const checked        = make(q, small);
        auto const measured       = make(p, large);
        GradReport const report   = gradcheck(checked, q, {.in = inputs(checked, small)});
        Datasheet const sheet     = datasheet(measured, {.in = inputs(measured, large)});
        std::string const verdict = fmt::format("{}{}, {:.0e}", report ? "passed" : "FAILED",
                                                report.surrogates.empty() ? "" : " around", report.worst_error());
        fs::path const svg = file_of_picture(name), link = ("../examples" / file).lexically_normal();
        if (!pictures.empty()) draw(checked, pictures / svg);
        std::cout << fmt::format("| [{}]({}) | {} | {} | {} | {} | {:.2f} | {} | [step](figures/cells/{}) |\n", name,
                                 link.string(), lines_of(file), sheet.parameter_count(), sheet.flops(),
                                 sheet.bytes_kept(), relative_time(measured), verdict, svg.string());
    }
    static std::string file_of_picture(std::string name) {
        std::replace(name.begin(), name.end(), ' ', '_');
        return name.substr(0, name.find(',')) + ".svg";
    }
};

void print(Table const& t) {
    std::cout << "| cell | lines | parameters | flops a step | bytes kept a step | time, of the LSTM's | gradcheck, "
                 "worst error | a step |\n"
                 "|---|---|---|---|---|---|---|---|\n";
    t.row("LSTM", "../nn/cells/lstm.hpp", [](Params p, Index n) { return nn::LSTMCell(p, n, n); });
    t.row("IndRNN", "cells/indrnn.hpp", [](Params p, Index n) { return IndRNN(p, n, n); });
    t.row("minGRU", "cells/minimal.hpp", [](Params p, Index n) { return MinGRU(p, n, n); });
    t.row("minLSTM", "cells/minimal.hpp", [](Params p, Index n) { return MinLSTM(p, n, n); });
    t.row("SRU", "cells/sru.hpp", [](Params p, Index n) { return SRU(p, n); });
    t.row("sLSTM", "cells/slstm.hpp", [](Params p, Index n) { return SLSTM(p, n, n); });
    t.row("mLSTM", "cells/mlstm.hpp", [](Params p, Index n) { return MLSTM(p, n, n); });
    t.row("LMU, order 64", "cells/lmu.hpp",
          [](Params p, Index n) { return LMU(p, n, n, n, static_cast<double>(2 * n)); });
    t.row("CTRNN, 3 substeps", "cells/ctrnn.hpp", [](Params p, Index n) { return CTRNN(p, n, n); });
    t.row("LTC, 3 substeps", "cells/ltc.hpp", [](Params p, Index n) { return LTC(p, n, n); });
    t.row("neural ODE", "cells/neural_ode.hpp", [](Params p, Index n) { return Joined{NeuralODE(p, n, n), n, 1}; });
    t.row("echo state network", "cells/echo_state.hpp", [](Params p, Index n) { return EchoState(p, n, n); });
    t.row("phased LSTM", "cells/phased_lstm.hpp", [](Params p, Index n) {
        return Joined{PhasedLSTM(p, n, n, 0.6), n, 1};
    });
    t.row("clockwork RNN, 4 modules", "cells/clockwork.hpp",
          [](Params p, Index n) { return ClockworkRNN(p, n, n / 4, 4); });
    t.row("S4D, 16 states", "cells/s4d.hpp", [](Params p, Index n) { return S4D(p, n, n / 4); });
    t.row("selective SSM, 16 states", "cells/selective.hpp",
          [](Params p, Index n) { return SelectiveSSM(p, n, n / 4); });
    t.row("NTM, 32 rows of 32", "cells/ntm.hpp", [](Params p, Index n) { return NTM(p, n, n, n / 2, n / 2); });
    t.row("tree-LSTM, a chain", "cells/tree_lstm.hpp", [](Params p, Index n) { return TreeLSTM(p, n, n); });
    t.row("VRNN, 16 latent", "cells/vrnn.hpp", [](Params p, Index n) {
        return Joined{VRNN(p, n, n, n / 4), n, n / 4};
    });
    t.row("ConvLSTM, 4 channels of 4 × 4", "cells/conv_lstm.hpp", [](Params p, Index n) { return Pixels(p, n); });
    t.row("LIF", "cells/lif.hpp", [](Params p, Index n) { return LIF(p, n, n); });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Cells from papers: parameters, costs, and whether their gradients are right"};
    Table table;
    app.add_option("--pictures", table.pictures, "A folder for drawings of a step of each");
    CLI11_PARSE(app, argc, argv);
    if (!table.pictures.empty()) fs::create_directories(table.pictures);
    print(table);
}

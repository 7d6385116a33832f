// Cells from papers, side by side: what they hold, what a step costs, how exact their gradients are.  docs/cells.md is what it prints.
#include "cells/ctrnn.hpp"
#include "cells/echo_state.hpp"
#include "cells/indrnn.hpp"
#include "cells/lmu.hpp"
#include "cells/minimal.hpp"
#include "cells/mlstm.hpp"
#include "cells/slstm.hpp"
#include "cells/sru.hpp"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iostream>

using namespace unspool;

namespace {

constexpr Index in = 64, hidden = 64, steps = 32, batch = 16;

/// Milliseconds of a forward and a backward pass over a sequence, the median of some.
template <class C> double milliseconds(C const& cell) {
    Tape tape;
    std::vector<double> all;
    for (int k = 0; k < 25; ++k) {
        auto const start = std::chrono::steady_clock::now();
        tape.rewind();
        Var const xs = tape.input(xt::xarray<double>(xt::ones<double>({steps, batch, in}) * 0.1));
        auto const r = scan(cell, xs, cell.zeros(tape, batch));
        Var const l  = sum(square(r.outputs.back()));
        static_cast<void>(backward(l));
        all.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(all.begin(), all.begin() + 12, all.end());
    return all[12];
}

/// `small` is checked, `large` is measured.
template <class C>
void row(std::string const& name, C const& small, C const& large, Params const& checked, double lstm) {
    Datasheet const sheet   = datasheet(large, {.in = in});
    GradReport const report = gradcheck(small, checked, {.in = 4});
    std::cout << fmt::format("| {} | {} | {} | {} | {:.2f} | {} {:.0e} |\n", name, sheet.parameter_count(),
                             sheet.flops(), sheet.bytes_kept(), milliseconds(large) / lstm,
                             report ? "passed," : "FAILED,", report.worst_error());
}

void table() {
    Params p(1), q(2, float64);
    nn::LSTMCell const lstm(p / "lstm", in, hidden);
    double const unit = milliseconds(lstm);
    std::cout
        << "| cell | parameters | flops a step | bytes kept a step | time, of the LSTM's | gradcheck, worst error |\n"
           "|---|---|---|---|---|---|\n";
    row("LSTM, as shipped", nn::LSTMCell(q / "lstm", 4, 4), lstm, q / "lstm", unit);
    row("[IndRNN](../examples/cells/indrnn.hpp)", IndRNN(q / "ind", 4, 4), IndRNN(p / "ind", in, hidden), q / "ind",
        unit);
    row("[minGRU](../examples/cells/minimal.hpp)", MinGRU(q / "mg", 4, 4), MinGRU(p / "mg", in, hidden), q / "mg",
        unit);
    row("[minLSTM](../examples/cells/minimal.hpp)", MinLSTM(q / "ml", 4, 4), MinLSTM(p / "ml", in, hidden), q / "ml",
        unit);
    row("[SRU](../examples/cells/sru.hpp)", SRU(q / "sru", 4), SRU(p / "sru", hidden), q / "sru", unit);
    row("[sLSTM](../examples/cells/slstm.hpp)", SLSTM(q / "sl", 4, 4), SLSTM(p / "sl", in, hidden), q / "sl", unit);
    row("[mLSTM](../examples/cells/mlstm.hpp)", MLSTM(q / "mx", 4, 3), MLSTM(p / "mx", in, hidden), q / "mx", unit);
    row("[LMU](../examples/cells/lmu.hpp), order 64", LMU(q / "lmu", 4, 4, 4, 8), LMU(p / "lmu", in, hidden, 64, 128),
        q / "lmu", unit);
    row("[CTRNN](../examples/cells/ctrnn.hpp), 3 substeps", CTRNN(q / "ct", 4, 4), CTRNN(p / "ct", in, hidden),
        q / "ct", unit);
    row("[echo state network](../examples/cells/echo_state.hpp)", EchoState(q / "es", 4, 4),
        EchoState(p / "es", in, hidden), q / "es", unit);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Cells from papers: parameters, costs, and whether their gradients are right"};
    CLI11_PARSE(app, argc, argv);
    table();
}

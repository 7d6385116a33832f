// Clockwork RNN (Koutník, Greff, Gomez and Schmidhuber 2014), section 3: module i has a turn when 2^i divides the number of the step,
// and reads itself and the slower ones:  h_i' = tanh(W_i x + U_i [h_i, h_{i+1}, …]) where t mod 2^i = 0, else h_i
#pragma once
#include <string>
#include <unspool.hpp>
#include <vector>

using namespace unspool;

struct ClockworkRNN {
    std::vector<nn::Linear> W, U;

    /// So many modules of so many units each.
    ClockworkRNN(Params p, Index in, Index units, Index modules) {
        for (Index i = 0; i < modules; ++i) {
            W.emplace_back(p / "W" / std::to_string(i), in, units);
            U.emplace_back(p / "U" / std::to_string(i), (modules - i) * units, units, nn::no_bias);
        }
    }

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, U[0].in()}); }

    Var operator()(Var x, Var h0, Index t) const {
        std::vector<Var> modules;
        for (std::size_t i = 0; i < U.size(); ++i) {
            Var slower      = slice(h0, -1, U[0].in() - U[i].in(), U[0].in());
            bool const turn = t % (1 << i) == 0;
            modules.push_back(turn ? tanh(W[i](x) + U[i](slower)) : slice(slower, -1, 0, U[i].out()));
        }
        Var h = concat(modules, -1);
        return h;
    }
};

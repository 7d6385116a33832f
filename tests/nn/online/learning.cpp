// Both ways to the same gradients.
#include <cmath>
#include <nn/online/learning.hpp>

namespace online {

Learned through_time(core::SteppedCell const& cell, Params const& params, Stream const& stream, Index batch) {
    Tape tape(params.dtype());
    std::vector<Var> state = cell.start(tape, batch);
    Var all                = tape.constant(0.0), last;
    for (Index t = 0; t < stream.steps(); ++t) {
        std::vector<Var> xs;
        for (auto const& x : stream.xs[static_cast<std::size_t>(t)]) xs.push_back(tape.constant(x));
        state = cell.step(xs, state, t);
        last  = cost(cell.output(state), stream.ys[static_cast<std::size_t>(t)]);
        all   = all + last;
    }
    return {backward(all).flatten(params), backward(last).flatten(params), all.item()};
}

Learned learn(OnlineLearner& learner, Params const& params, Stream const& stream) {
    Learned out;
    out.all.resize(static_cast<std::size_t>(params.count()));
    for (std::size_t t = 0; t < stream.xs.size(); ++t) {
        auto const [loss, g] = learner.step(stream.xs[t], [&](Var h) { return cost(h, stream.ys[t]); });
        out.last             = g.flatten(params);
        out.loss += loss;
        for (std::size_t k = 0; k < out.all.size(); ++k) out.all[k] += out.last[k];
    }
    return out;
}

double apart(List const& got, List const& expected) {
    double most = 0, size = 1e-300;
    for (std::size_t k = 0; k < expected.size(); ++k) {
        if (!std::isfinite(got[k]) || !std::isfinite(expected[k])) return NAN;
        most = std::max(most, std::abs(got[k] - expected[k])), size = std::max(size, std::abs(expected[k]));
    }
    return most / size;
}

}  // namespace online

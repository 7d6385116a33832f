// How the speller reads and writes.
#include "speller.hpp"

namespace attention {

Var Speller::Step::operator()(Var x, Var h) const {
    auto const [context, weights] = of.attend(h, memory);
    return of.decoder(concat({x, context}, -1), h);
}

void Speller::Step::record(Recorder& to, Index t, Var, Var h) const {
    to.put("weights", t, of.attend(h, memory).weights);
}

Speller::Read Speller::read(Tape& tape, Strings const& batch) const {
    auto const [outputs, state] = encoder(embed(tape, batch.inputs), {.lengths = batch.lengths});
    Var h                       = tanh(bridge(state.backward));
    return {{*this, attend.remember(outputs, batch.lengths)}, h};
}

Var Speller::taught(Tape& tape, Strings const& batch) const {
    auto const [step, state]     = read(tape, batch);
    xt::xtensor<Index, 2> before = xt::where(xt::equal(batch.targets, batch.ignored), end, batch.targets);
    Var const xs                 = embed(tape, before);
    Var const first              = embed(tape, std::vector<Index>(static_cast<std::size_t>(batch.size()), end));
    auto const given             = [&](Index t, std::span<Var const>) { return t == 0 ? first : xs[t - 1]; };
    Var logits                   = out(stack(unroll(tape, step, xs.size(0), state, given).outputs));
    return logits;
}

xt::xtensor<Index, 2> Speller::written(Tape& tape, Strings const& batch, Index steps, Recorder* recorder) const {
    Pause const pause(tape);
    auto const [step, state]  = read(tape, batch);
    xt::xtensor<Index, 2> all = xt::empty<Index>({steps, batch.size()});
    std::vector<Index> said(static_cast<std::size_t>(batch.size()), end);
    auto const say = [&](Index t, Var h) {
        Var const logits   = out(h);
        Indices const best = argmax(logits);
        said.assign(best.numbers.begin(), best.numbers.end());
        std::copy(said.begin(), said.end(), all.begin() + t * batch.size());
    };
    auto const given = [&](Index t, std::span<Var const> outputs) {
        if (t > 0) say(t - 1, outputs.back());
        return embed(tape, said);
    };
    say(steps - 1, unroll(tape, step, steps, state, given, {.record = recorder}).state);
    return all;
}

}  // namespace attention

// How the translator reads and says.
#include "translator.hpp"

namespace translation {

namespace {

Var dropped(Var x, Random* random) { return random ? dropout(x, 0.1, *random) : x; }

}  // namespace

Var Translator::Step::operator()(Var word, Var h) const {
    auto const [context, weights] = of.attend(h, memory);
    return of.decoder(concat({word, context}, -1), h);
}

void Translator::Step::record(Recorder& to, Index t, Var, Var h) const {
    to.put("weights", t, of.attend(h, memory).weights);
}

Translator::Read Translator::read(Tape& tape, Sentences const& batch, Random* random) const {
    Var xs                  = dropped(read_words(tape, batch.inputs), random);
    auto const [hs, hidden] = scan(encoder, xs, encoder.zeros(tape, batch.size()), {.lengths = batch.lengths});
    return {{*this, attend.remember(stack(hs), batch.lengths)}, hidden};
}

Var Translator::taught(Tape& tape, Sentences const& batch, Index end, Random* random) const {
    auto const [step, hidden]    = read(tape, batch, random);
    xt::xtensor<Index, 2> before = xt::where(xt::equal(batch.targets, batch.ignored), end, batch.targets);
    std::copy_backward(before.begin(), before.end() - batch.size(), before.end());
    std::fill_n(before.begin(), batch.size(), end);
    Var xs     = dropped(said_words(tape, before), random);
    Var logits = out(stack(scan(step, xs, hidden).outputs));
    return logits;
}

xt::xtensor<Index, 2> Translator::said(Tape& tape, Sentences const& batch, Index end, Index steps,
                                       Recorder* recorder) const {
    Pause const pause(tape);
    auto const [step, hidden] = read(tape, batch, nullptr);
    xt::xtensor<Index, 2> all = xt::empty<Index>({steps, batch.size()});
    std::vector<Index> words(static_cast<std::size_t>(batch.size()), end);
    auto const say = [&](Index t, Var h) {
        Var const logits   = out(h);
        Indices const best = argmax(logits);
        words.assign(best.numbers.begin(), best.numbers.end());
        std::copy(words.begin(), words.end(), all.begin() + t * batch.size());
    };
    auto const given = [&](Index t, std::span<Var const> outputs) {
        if (t > 0) say(t - 1, outputs.back());
        return said_words(tape, words);
    };
    say(steps - 1, unroll(tape, step, steps, hidden, given, {.record = recorder}).state);
    return all;
}

}  // namespace translation

// Runs programs.
#include <programs/run.hpp>

namespace programs {

namespace {

template <class X> xt::xarray<double> in_double(X const& x) {
    return dispatch(x.dtype(),
                    [&](auto t) { return xt::xarray<double>(xt::cast<double>(x.template value<decltype(t)>())); });
}

void fail_on(Session const& s) {
    try {
        Var const bad = s.values.back().var + s.tape.zeros({3, 7, 11, 13});
        static_cast<void>(bad);
    } catch (ShapeError const&) {}
}

/// Something that leaves no trace in what comes after.
void disturb(Session const& s, Instruction const& next, Index how) {
    if (s.values.empty()) return;
    Session trial         = s;
    Tape::Mark const mark = s.tape.mark();
    if (how == 0) trial.do_instruction(next), s.tape.rewind(mark);
    if (how == 1) backward(trial.result(false), Keep::all);
    if (how == 2) backward(trial.result(false)), s.tape.rewind(mark);
    if (how == 3) {
        Pause const pause(s.tape);
        trial.do_instruction(next);
    }
    if (how == 4) fail_on(s);
}

/// The gradients of a session's result; of two sweeps, which must not differ.
Outcome outcome(Session& s, Program const& p, Keep keep) {
    Outcome out;
    Var const y                   = s.result(p.seeded);
    xt::xarray<double> const seed = numbers(y.shape(), 7);
    for (Value const& v : s.values) out.arrays.push_back(in_double(v.var));
    out.values = s.values.size(), out.kinked = s.kinked;
    out.arrays.push_back(in_double(y));
    for (int sweep = 0; sweep < 2; ++sweep) {
        Gradients const g = p.seeded ? backward(y, seed, keep) : backward(y, keep);
        for (Var const& x : s.inputs) out.arrays.push_back(in_double(g[x]));
        for (Param* q : s.store.params.all()) out.arrays.push_back(in_double(g[*q]));
    }
    return out;
}

}  // namespace

Outcome run(Program const& p, Store& store, Tape& tape, Mode const& mode) {
    tape.rewind();
    tape.mechanisms = mode.mechanisms;
    set_num_threads(mode.threads);
    Session s(tape, store, mode.source);
    Random random(p.seed);
    for (Instruction const& i : p.code) {
        if (mode.disturbed) disturb(s, i, static_cast<Index>(random.below(8)));
        s.do_instruction(i);
    }
    return outcome(s, p, mode.keep);
}

std::array<Outcome, 2> run_side_by_side(Program const& p, Store& store, Mode const& mode) {
    Tape one(store.params.dtype()), other(store.params.dtype());
    Session a(one, store), b(other, store);
    for (Session* s : {&a, &b}) s->tape.mechanisms = mode.mechanisms;
    for (Instruction const& i : p.code) a.do_instruction(i), b.do_instruction(i);
    return {outcome(a, p, mode.keep), outcome(b, p, mode.keep)};
}

}  // namespace programs

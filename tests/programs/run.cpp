// Runs programs.
#include <optional>
#include <programs/run.hpp>
#include <unspool/nn/optim/per_sequence.hpp>
#include <unspool/ops/derivatives/gradient.hpp>

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

/// What a session is differentiated by.
std::vector<Var> arguments(Session const& s) {
    std::vector<Var> xs = s.inputs;
    for (Param* q : s.store.params.all())
        if (q->trained()) xs.push_back(s.tape.lift(*q));
    return xs;
}

/// A weighed sum of the gradients of y, and what depends on each argument, or nothing might.
Var sum_of_gradients(Var const& y, std::vector<Var> const& xs, Var const& seed) {
    Var out = y.tape().constant(0);
    for (Var const& g : gradient(y, xs, seed)) out = out + sum(g * numbers(g.shape(), 5));
    for (Var const& x : xs) out = out + sum(0 * x);
    return out;
}

void add_gradients(Outcome& out, Session const& s, Gradients const& g) {
    for (Var const& x : s.inputs) out.arrays.push_back(in_double(g[x]));
    for (Param* q : s.store.params.all()) out.arrays.push_back(in_double(g[*q]));
}
void add_gradients(Outcome& out, Session const& s, std::vector<Var> const& gs) {
    auto next = gs.begin();
    for (std::size_t k = 0; k < s.inputs.size(); ++k) out.arrays.push_back(in_double(*next++));
    for (Param* q : s.store.params.all())
        out.arrays.push_back(
            q->trained()
                ? in_double(*next++)
                : xt::xarray<double>(xt::xarray<double>::shape_type(q->shape().begin(), q->shape().end()), 0.0));
}

Outcome values_of(Session const& s) {
    Outcome out;
    for (Value const& v : s.values) out.arrays.push_back(in_double(v.var));
    out.values = s.values.size(), out.kinked = s.kinked;
    return out;
}

/// The gradients of a session's result; of two sweeps, which must not differ.
Outcome outcome(Session& s, Program const& p, Mode const& mode) {
    Var const y                   = s.result(p.seeded);
    xt::xarray<double> const seed = numbers(y.shape(), 7);
    Outcome out                   = values_of(s);
    out.arrays.push_back(in_double(y));
    if (mode.recorded || mode.twice) {
        std::vector<Var> const xs = arguments(s);
        Var const weights         = p.seeded ? s.tape.constant(seed) : Var();
        Var const of              = mode.twice ? sum_of_gradients(y, xs, weights) : y;
        for (int sweep = 0; sweep < 2; ++sweep)
            if (mode.recorded) add_gradients(out, s, gradient(of, xs, mode.twice ? Var() : weights));
            else add_gradients(out, s, backward(of, mode.keep));
        return out;
    }
    if (mode.rows) {
        Var const scalar = p.seeded ? sum(y * seed) : y;
        GradientRows rows;
        add_gradients(out, s, backward(scalar, rows));
        add_gradients(out, s, PerSequence(scalar, 1).sum());
        return out;
    }
    for (int sweep = 0; sweep < 2; ++sweep)
        add_gradients(out, s, p.seeded ? backward(y, seed, mode.keep) : backward(y, mode.keep));
    return out;
}

}  // namespace

Outcome run(Program const& p, Store& store, Tape& tape, Mode const& mode) {
    tape.rewind();
    tape.mechanisms = mode.mechanisms;
    set_num_threads(mode.threads);
    Session s(tape, store, mode.source);
    s.recompute_every = mode.recompute_every;
    Random random(p.seed);
    std::optional<Pause> pause;
    if (mode.paused) pause.emplace(tape);
    for (Instruction const& i : p.code) {
        if (mode.disturbed) disturb(s, i, static_cast<Index>(random.below(8)));
        s.do_instruction(i);
    }
    return mode.paused ? values_of(s) : outcome(s, p, mode);
}

std::array<Outcome, 2> run_side_by_side(Program const& p, Store& store, Mode const& mode) {
    Tape one(store.params.dtype()), other(store.params.dtype());
    Session a(one, store), b(other, store);
    for (Session* s : {&a, &b}) s->tape.mechanisms = mode.mechanisms;
    for (Instruction const& i : p.code) a.do_instruction(i), b.do_instruction(i);
    return {outcome(a, p, mode), outcome(b, p, mode)};
}

}  // namespace programs

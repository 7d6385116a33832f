// A scan on a paused tape, of a cell that says that it keeps nothing and of one that does not.
#pragma once
#include <nn/cells.hpp>
#include <unspool/autograd/array/random.hpp>
#include <unspool/nn/recurrence/reused_steps.hpp>

namespace paused_scans {

using namespace unspool;
using namespace unspool::core;

struct ScanSizes {
    Index steps, batch, in, hidden;
    bool reverse, one_row;
    Dtype dtype;
};
inline ScanSizes drawn(Random& r) {
    auto below        = [&](int n) { return 1 + static_cast<Index>(r.uniform(0, n)); };
    Index const batch = below(20);
    return {r.uniform(0, 1) < 0.7 ? below(70) : below(1000),  // most in one block, and some in many
            batch,
            below(9),
            r.uniform(0, 1) < 0.5 ? below(40) : 16 * below(3),
            r.uniform(0, 1) < 0.3,
            r.uniform(0, 1) < 0.2,
            r.uniform(0, 1) < 0.5 ? float32 : float64};
}

inline Var noise(Tape& tape, Shape const& shape, std::uint64_t seed) {
    Random r(seed);
    return tape.filled(shape, {}, [&](auto v) {
        for (auto& e : v) e = static_cast<std::remove_reference_t<decltype(e)>>(r.uniform(-1, 1));
    });
}

inline void add(std::vector<double>& to, Var const& x) {
    dispatch(x.dtype(), [&](auto t) {
        for (auto e : x.value<decltype(t)>()) to.push_back(static_cast<double>(e));
    });
}

/// All outputs, and the last state, of a scan on a paused tape, and the memory that it took.
template <class C> std::pair<std::vector<double>, std::size_t> paused(ScanSizes const& s) {
    Params params(2, s.dtype);
    C const cell(params, s.in, s.hidden);
    Tape tape(s.dtype);
    Pause const pause(tape);
    Var const xs = noise(tape, {s.steps, s.batch, s.in}, 3);
    typename C::State state;
    auto first = states::parts(state);
    for (std::size_t k = 0; k < first.size(); ++k) first[k] = noise(tape, {s.one_row ? 1 : s.batch, s.hidden}, 4 + k);
    auto const before = tape.arena().bytes_used();
    auto const ran    = scan(cell, xs, states::with_parts(state, first.data()), ScanOptions{.reverse = s.reverse});
    std::vector<double> out;
    add(out, stack(ran.outputs));
    for (Var const& y : ran.outputs) add(out, y);
    for (Var const& part : states::parts(ran.state)) add(out, part);
    return {out, tape.arena().bytes_used() - before};
}

template <class Forgets, class Keeps> void agree(char const* name, bool may_broadcast = true) {
    static_assert(CellThatForgets<Forgets> && !CellThatForgets<Keeps>);
    Random r(1);
    for (int k = 0; k < 60; ++k) {
        ScanSizes s = drawn(r);
        s.one_row   = s.one_row && may_broadcast;
        BOOST_TEST_CONTEXT(name << ": " << s.steps << " steps of [" << s.batch << "," << s.in << "] to " << s.hidden)
        BOOST_TEST((paused<Forgets>(s).first == paused<Keeps>(s).first));
    }
}

}  // namespace paused_scans

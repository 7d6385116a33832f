// A scan on a paused tape whose steps have one memory, one after the other: it stays in the cache.
#pragma once
#include <concepts>
#include <unspool/nn/recurrence/fold.hpp>

namespace unspool::core {

/// A cell says `using KeepsNoVars = Mine;`, with its own name, if it keeps no Var from one step for another but in its state, nor gives
/// one to anybody else: then the memory of a step serves the next on a paused tape.  One that does so now and then has a
/// `bool forgets() const` besides.
template <class C> concept CellThatForgets = requires { requires std::same_as<typename C::KeepsNoVars, C>; };

/// What outlives a step, at the places where it does.
class ReusedSteps {
public:
    /// Of a scan of so many steps.
    ReusedSteps(Tape&, Index steps, Where);

    /// Is there nothing about the scan but its cell that looks at a step later?
    static bool possible(Tape const&, ScanOptions const&, NoiseOnState const&);

    void begin(Index t);  ///< before step t
    /// After it: puts what the step has made of the state where it stays, gives the output at such a place, and takes the memory of
    /// all else back.
    Var end(Index t, Var const& y, std::span<Var const> before, std::span<Var> after);

private:
    bool copy(Var const& y, std::span<Var const> before, std::span<Var> after);
    void make_room(Index t, Var const& y, std::span<Var const> parts);
    bool lies_in_room(Window const&) const;
    Var room_like(Var const&);

    Tape& tape_;
    Index steps_;
    Where where_;
    bool active_ = true;
    Var outputs_, output_;  // of all steps, and of this one
    std::span<Var> parts_;  // of the state
    Tape::Mark mark_;
    std::size_t lasting_ = 0;
};

/// All steps; see take_steps.
template <class C, class State, class X> void take_steps_in_one_memory(Tape& tape, Fold<C, State>& fold, X const& x,
                                                                       StepOutputs& out, State& state, Where where) {
    ReusedSteps memory(tape, out.steps, where);
    for (Index k = 0; k < out.steps; ++k) {
        Index const t     = out.at(k);
        auto const before = states::parts(state);
        memory.begin(t);
        Var const y = fold.step(
            t, k, [&] { return x(t, out.before(k)); }, state);
        auto after = states::parts(state);
        out.put(t, memory.end(t, y, before, after));
        state = states::with_parts(state, after.data());
    }
}

}  // namespace unspool::core

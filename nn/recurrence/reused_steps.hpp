// A scan on a paused tape whose steps have one memory, one after the other: it stays in the cache.
#pragma once
#include <concepts>
#include <memory>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/nn/recurrence/fold.hpp>
#include <vector>

namespace unspool::core {

/// A cell says `using KeepsNoVars = Mine;`, with its own name, if it keeps no Var from one step for another but in its state, nor gives
/// one to anybody else: then the memory of a step serves the next on a paused tape.  One that does so now and then has a
/// `bool forgets() const` besides.
template <class C> concept CellThatForgets = requires { requires std::same_as<typename C::KeepsNoVars, C>; };

/// Such a cell says `using SameEachStep = Mine;` if it does the same at each step, whatever the values are and whichever step it is: then a
/// paused scan asks it for some of its steps, and computes the others as it has computed those.  Steps in which constants are made, random
/// ones too, or other operations than statements and linear() are all asked for.
template <class C> concept CellThatRepeats = CellThatForgets<C> && requires {
    requires std::same_as<typename C::SameEachStep, C>;
};

/// What outlives a step, at the places where it does; and steps that are computed without asking the cell.
class ReusedSteps {
public:
    /// Of a scan of so many steps, which may all be the same, and whose outputs are put where there is room for them.
    ReusedSteps(Tape&, Index steps, Var* room, bool repeats, Where);
    ~ReusedSteps();
    ReusedSteps(ReusedSteps const&) = delete;

    /// Is there nothing about the scan but its cell that looks at a step later?
    static bool possible(Tape const&, ScanOptions const&, NoiseOnState const&);

    void begin(Index t, Index k);  ///< before step t, number k
    /// After it: puts what the step has made of the state where it stays, and gives the output at such a place.
    Var end(Index t, Var const& y, std::span<Var const> before, std::span<Var> after);

    /// Takes the memory of the last step that was asked for back.  When the next one is, or after all: steps that are repeated compute in
    /// it.
    void take_memory_back();

    /// Can step number k be computed as the one before it was?
    bool repeats(Index k) const {
        return paces_known_ && trace_ && k == traced_ + 1 && (!begins_block(k) || repeats_block(k));
    }
    /// Computes it, puts its output, and gives the state in place of that before it.
    void repeat(Index t, std::span<Var> state);

private:
    bool copy(Var const& y, std::span<Var const> before, std::span<Var> after);
    void put(Window const& from, Var const& to);
    void make_room(Index t, Var const& y, std::span<Var const> parts);
    bool lies_in_room(Window const&) const;
    Var room_like(Var const&);
    bool begins_block(Index k) const;  ///< for whose steps something is computed at once
    bool repeats_block(Index k) const;
    void take_down(Index k);
    void compare();
    void compare_blocks();
    bool stays_in_place(std::vector<std::ptrdiff_t> const& paces) const;

    Tape& tape_;
    Index steps_;
    Var* room_;
    Where where_;
    bool active_ = true, repeats_;
    Var output_;            // of this step
    std::span<Var> each_;   // and of all, once there is room
    std::span<Var> parts_;  // of the state
    Tape::Mark mark_;
    std::size_t lasting_ = 0;
    bool to_take_back_   = false;  // since mark_

    std::unique_ptr<Trace> trace_, last_;        // of step number traced_, and of one before it
    std::vector<std::ptrdiff_t> paces_;          // from a step to the next
    bool paces_known_ = false, beside_ = false;  // is last_ of the step before, in the same memory?
    Index traced_ = -2;
    Arena::Mark traced_from_;

    Index asked_ = 0;                          // the number of the step that is asked for
    std::unique_ptr<Trace> at_once_;           // what it computes for many
    std::unique_ptr<Trace> block_;             // the same of the first step of a block
    std::vector<std::ptrdiff_t> far_;          // from a block to the next
    bool even_ = true, blocks_known_ = false;  // was the same computed at once for each block, and nothing else?
};

/// All steps; see take_steps.
template <class C, class State, class X> void take_steps_in_one_memory(Tape& tape, Fold<C, State>& fold, X const& x,
                                                                       StepOutputs& out, State& state, Where where) {
    ReusedSteps memory(tape, out.steps, out.each,
                       CellThatRepeats<std::remove_const_t<C>> && states::of_vars_alone<State>(), where);
    for (Index k = 0; k < out.steps; ++k) {
        Index const t     = out.at(k);
        auto const before = states::parts(state);
        auto after        = before;
        if (memory.repeats(k)) memory.repeat(t, after);
        else {
            memory.begin(t, k);
            Var const y = fold.step(
                t, k, [&] { return x(t, out.before(k)); }, state);
            after = states::parts(state);
            out.put(t, memory.end(t, y, before, after));
        }
        state = states::with_parts(state, after.data());
    }
    memory.take_memory_back();
}

}  // namespace unspool::core

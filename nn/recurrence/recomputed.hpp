// A scan that keeps few of its steps, and computes them again when gradients come back: one node.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <unspool/nn/recurrence/fold.hpp>

namespace unspool::core {

/// The steps of a scan, to be taken more than once; of which scan, a class derived from this knows.
class RecomputableSteps {
public:
    RecomputableSteps(Tape&, Masks const&, ScanOptions const&, StepOutputs const&, Where);
    virtual ~RecomputableSteps() = default;

    /// Steps number [from, to), from a state, in whose place that after them is left.
    void take(Index from, Index to, std::span<Var> state, bool again);
    NoiseOnState& noise() { return noise_; }  ///< of all steps but the first ones
    /// What stands for the source of the scan's noise where that is gone when steps are taken again; null for any other.
    Random* in_place_of(Random const& r) { return &r == options.noise.random ? &*own_ : nullptr; }

    Tape& tape;
    Masks masks;
    ScanOptions options;
    StepOutputs out;
    Where where;
    Var sequence  = {};  ///< whose elements the steps take, if it is one
    StepLoss loss = {};
    Recorder seen;  ///< in the segment that is taken for the first time

protected:
    virtual void run(Index /*from*/, Index /*to*/, std::span<Var> /*state*/, bool /*again*/, NoiseOnState&,
                     ScanOptions const&) {}

private:
    NoiseOnState noise_, fresh_;
    std::optional<Random> own_;       // like the source of noise before the first step
    std::weak_ptr<void const> life_;  // of that source
};

/// Takes them, in segments, of which the tape gets one node.  `state` is that before the first step, and then that after the last; with a
/// loss, its last part is the total.
void take_recomputed(std::shared_ptr<RecomputableSteps>, std::span<Var> state);

/// A function that is called, and a copy of it that is called when its result is computed again, when the first may be gone.  Without
/// a copy, if it has none, the first has to outlive the tape.
template <class F> struct Twice {
    using Bare = std::remove_reference_t<F>;

    explicit Twice(Bare& f, bool again = true) : first(&f) {
        if constexpr (!std::is_lvalue_reference_v<F>) {
            copy  = std::make_shared<std::remove_const_t<Bare>>(std::move(f));
            first = copy.get();
        } else if constexpr (std::is_copy_constructible_v<Bare>) {
            if (again) copy = std::make_shared<std::remove_const_t<Bare>>(f);
        }
    }
    Bare& get(bool again) const { return again && copy ? *copy : *first; }

    std::shared_ptr<std::remove_const_t<Bare>> copy = {};
    Bare* first;
};

template <class C, class State, class X> class StepsOf final : public RecomputableSteps {
public:
    StepsOf(RecomputableSteps const& how, Twice<C> cell, X const& x, State const& start)
        : RecomputableSteps(how), cell_(std::move(cell)), x_(x), start_(start) {}

    /// The state after the last step, of these parts.
    State last(std::vector<Var> const& parts) const {
        if constexpr (has_more)
            if (out.steps > 0) return states::with_parts(between_.at(out.steps), parts.data());
        return states::with_parts(start_, parts.data());
    }

private:
    static constexpr bool has_more = !states::of_vars_alone<State>();  // than Vars in the state

    void run(Index from, Index to, std::span<Var> parts, bool again, NoiseOnState& noise,
             ScanOptions const& how) override {
        State state = start_;
        if constexpr (has_more)
            if (from > 0) state = between_.at(from);
        state = states::with_parts(state, parts.data());
        if constexpr (requires { x_.again = again; }) x_.again = again;
        Fold<std::remove_reference_t<C>, State> fold(tape, cell_.get(again), masks, noise, how, where);
        take_steps(fold, from, to, x_, out, state);
        auto const after = states::parts(state);
        std::copy(after.begin(), after.end(), parts.begin());
        if constexpr (has_more) between_.insert_or_assign(to, state);
    }

    Twice<C> cell_;
    X x_;
    State start_;
    std::conditional_t<has_more, std::map<Index, State>, int> between_{};
};

}  // namespace unspool::core

// A step on a paused tape: what plans, streams and C files are compared with.
#pragma once
#include <plans/cells.hpp>

namespace plans {

template <class T> std::vector<T> elements(Var x) {
    auto const view = x.value<T>();
    return {view.begin(), view.end()};
}

/// Inputs of a step, drawn.
template <class T> std::vector<xt::xarray<T>> drawn(std::vector<Shape> const& inputs, Index batch, Random& random) {
    std::vector<xt::xarray<T>> out;
    for (Shape const& s : inputs) {
        out.push_back(xt::xarray<T>::from_shape({static_cast<std::size_t>(batch), static_cast<std::size_t>(s[0])}));
        for (T& v : out.back()) v = static_cast<T>(random.normal());
    }
    return out;
}

template <class T> class Paused {
public:
    explicit Paused(core::PlannableCell cell) : cell_(std::move(cell)), tape_(core::dtype_of<T>) { reset(); }

    void reset() {
        state_.clear();
        for (auto const& zeros : cell_.zeros) state_.push_back(tape_.constant(zeros));
    }
    std::vector<T> step(std::vector<xt::xarray<T>> const& x) {
        Pause const pause(tape_);
        std::vector<Var> inputs;
        for (auto const& each : x) inputs.push_back(tape_.constant(each));
        auto const [after, output] = cell_.step(inputs, state_);
        state_                     = after;
        return elements<T>(output);
    }
    std::vector<T> state(std::size_t k) const { return elements<T>(state_[k]); }
    std::size_t parts() const { return state_.size(); }

    /// Gives the memory of the last steps back, and weights that are packed with it.
    void rewind() {
        std::vector<xt::xarray<T>> kept;
        for (Var const& s : state_) kept.emplace_back(s.value<T>());
        tape_.rewind();
        state_.clear();
        for (auto const& s : kept) state_.push_back(tape_.constant(s));
    }

private:
    core::PlannableCell cell_;
    Tape tape_;
    std::vector<Var> state_;
};

}  // namespace plans

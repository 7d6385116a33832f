// The state of a network from one sequence to the next: the value goes on, the graph does not.
#pragma once
#include <array>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/recurrence/state.hpp>

namespace unspool::core {

/// The values of an array, off its tape.
class StatefulArray {
public:
    void reserve(Var const&);  ///< saving it cannot fail then
    void save(Var const&);     ///< copies
    Var on(Tape&) const;       ///< as a constant
    void fields(Fields);

private:
    std::vector<double> values_;
    std::vector<Index> shape_;
};

/// The values of a state, off its tape.
template <states::StateOfVars State> class Stateful {
public:
    /// Copies its numbers, for the next segment.
    void save(State const& state) {
        auto const from = states::parts(state);
        for (std::size_t k = 0; k < parts_.size(); ++k) parts_[k].reserve(from[k]);
        for (std::size_t k = 0; k < parts_.size(); ++k) parts_[k].save(from[k]);
        empty_ = 0;
    }
    /// As constants; `first` if nothing was saved.
    State on(Tape& tape, State const& first) const {
        if (empty_) return first;
        std::array<Var, n> to;
        for (std::size_t k = 0; k < n; ++k) to[k] = parts_[k].on(tape);
        return states::with_parts(first, to.data());
    }
    bool empty() const { return empty_ != 0; }  ///< nothing is carried
    void clear() { *this = {}; }                ///< the next segment starts from zeros

    void fields(Fields f) {
        f.add("empty", empty_, 0, 1);
        for (std::size_t k = 0; k < n; ++k) f.add(std::to_string(k), parts_[k]);
    }

private:
    static constexpr std::size_t n = states::size<State>();
    std::array<StatefulArray, n> parts_;
    Index empty_ = 1;
};

}  // namespace unspool::core

namespace unspool {

using core::StatefulArray, core::Stateful;

}  // namespace unspool

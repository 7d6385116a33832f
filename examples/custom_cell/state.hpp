// The state of any cell as a list of Vars, and its value between segments: truncated backpropagation through time carries
// the value on, and cuts the graph.
#pragma once
#include <array>
#include <tuple>
#include <unspool/nn/cells/lstm.hpp>
#include <xtensor/xarray.hpp>

namespace custom_cell {

using namespace unspool;

/// What a cell starts from: `cell.zeros(tape, batch)`.
template <class Cell> using StateOf = decltype(std::declval<Cell const&>().zeros(std::declval<Tape&>(), Index{1}));

inline std::array<Var, 1> parts(Var h) { return {h}; }
inline std::array<Var, 2> parts(Lstm::State const& s) { return {s.h, s.c}; }

template <class State> inline constexpr std::size_t parts_of = std::tuple_size_v<decltype(parts(std::declval<State>()))>;

template <class State> State whole(std::array<Var, parts_of<State>> const& parts) {
    return std::apply([](auto... part) { return State{part...}; }, parts);
}

template <class State> class CarriedState {
public:
    void save(State const& state) {
        auto const from = parts(state);
        for (std::size_t i = 0; i < from.size(); ++i) values_[i] = from[i].template value<float>();
        empty_ = false;
    }
    /// As constants; `first` if nothing was saved.
    State load(Tape& tape, State const& first) const {
        if (empty_) return first;
        auto to = parts(first);
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = tape.constant(values_[i]);
        return whole<State>(to);
    }

private:
    std::array<xt::xarray<float>, parts_of<State>> values_;
    bool                                           empty_ = true;
};

}  // namespace custom_cell

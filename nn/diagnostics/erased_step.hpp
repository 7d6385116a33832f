// A cell of any type, as diagnostics meet it.
#pragma once
#include <functional>
#include <string>
#include <unspool/nn/recurrence/scan.hpp>
#include <vector>

namespace unspool::core {

/// One step of any cell: Vars in, Vars out.
struct ErasedStep {
    std::vector<std::string> names;  // of the parts of the state
    std::vector<Shape> shapes;       // the same
    std::function<std::vector<Var>(Var x, std::span<Var const> state)> step;
};

template <class C> ErasedStep erased_step(C const& cell, Index batch) {
    using State = decltype(cell.zeros(std::declval<Tape&>(), Index{1}));
    ErasedStep out;
    Tape tape(float64);
    State const zeros = cell.zeros(tape, batch);
    for (Var const& part : states::parts(zeros))
        out.names.push_back(states::member_name(zeros, out.names.size())), out.shapes.push_back(part.shape());
    out.step = [&cell, batch](Var x, std::span<Var const> state) {
        auto const before = states::made<State>([&] { return cell.zeros(x.tape(), batch); }, state.data());
        auto const after  = states::parts(stepped(cell, x, before, Where::here()));
        return std::vector<Var>(after.begin(), after.end());
    };
    return out;
}

}  // namespace unspool::core

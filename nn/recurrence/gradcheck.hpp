// gradcheck(cell): a cell over a few steps, from inputs, states and parameters that the check makes up.
#pragma once
#include <functional>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/nn/recurrence/scan.hpp>
#include <unspool/nn/recurrence/state.hpp>

namespace unspool::core {

struct CellcheckOptions {
    Index in    = 0;  ///< features of the input; 0: `cell.in()`, or the first size that the cell takes
    Index batch = 2, steps = 4;
    /// Noise on the parameters makes them all different, also those that start at zero.
    GradcheckOptions gradcheck = {.jitter = 0.1};
};

/// A cell of any type, as the check meets it: Vars in, Vars out.
struct ErasedCell {
    std::vector<std::string> names;                                           // of the parts of the state
    std::vector<Shape> shapes;                                                // the same
    std::function<std::vector<Var>(Var xs, std::span<Var const> state)> run;  // a scan: all outputs, and the last state
    std::function<void(Tape&, Var x)> step;                                   // one, from zeros
};
GradReport check_cell(ErasedCell const&, Params const*, CellcheckOptions const&);

template <class C> ErasedCell erased(C const& cell, CellcheckOptions& options) {
    using State = decltype(cell.zeros(std::declval<Tape&>(), Index{1}));
    ErasedCell out;
    if constexpr (requires {
                      { cell.in() } -> std::convertible_to<Index>;
                  })
        if (options.in == 0) options.in = cell.in();
    Tape tape(float64);
    State const zeros = cell.zeros(tape, options.batch);
    for (Var const& part : states::parts(zeros))
        out.names.push_back(states::part_name(zeros, out.names.size())), out.shapes.push_back(part.shape());
    out.run = [&cell, batch = options.batch](Var xs, std::span<Var const> state) {
        State const start = states::made<State>([&] { return cell.zeros(xs.tape(), batch); }, state.data());
        auto const r      = scan(cell, xs, start);
        std::vector<Var> all(r.outputs.begin(), r.outputs.end());
        for (Var const& part : states::parts(r.state)) all.push_back(part);
        return all;
    };
    out.step = [&cell, batch = options.batch](Tape& t, Var x) {
        stepped(cell, x, cell.zeros(t, batch), Where::here());
    };
    return out;
}

template <class C> void require_checkable() {
    static_assert(CellWithZeros<C>, "gradcheck(cell) wants `State zeros(Tape&, Index batch) const` of the cell, where "
                                    "State is a Var or a struct with Vars; "
                                    "check any other by gradcheck(f, inputs)");
    if constexpr (CellWithZeros<C>) {
        using State = decltype(std::declval<C const&>().zeros(std::declval<Tape&>(), Index{1}));
        static_assert(Cell<C const, State>,
                      "gradcheck(cell) wants `State operator()(Var x, State) const` of the cell, where State is what "
                      "zeros() gives, and is a Var or has a member h");
    }
}

/// Checks a cell over several steps of scan(), with random inputs [steps,batch,in] and a random state of the shape of
/// `cell.zeros(tape, batch)`: by the inputs, by each part of the state, and by all parameters that the cell uses.
///
///     BOOST_TEST(gradcheck(cell));
///
/// ShapeError where the cell takes no input of up to 256 features: give `in`.
template <class C>
requires(!std::convertible_to<C const&, Differentiable>) GradReport
    gradcheck(C const& cell, CellcheckOptions options = {}) {
    require_checkable<C>();
    if constexpr (CellWithZeros<C>) return check_cell(erased(cell, options), nullptr, options);
    else return {};
}
/// The same by all these parameters, whether the cell uses them or not.
template <class C>
requires(!std::convertible_to<C const&, Differentiable>) GradReport
    gradcheck(C const& cell, Params const& params, CellcheckOptions options = {}) {
    require_checkable<C>();
    if constexpr (CellWithZeros<C>) return check_cell(erased(cell, options), &params, options);
    else return {};
}

}  // namespace unspool::core

namespace unspool {

using core::CellcheckOptions, core::gradcheck;

}  // namespace unspool

// Layers one step at a time, as they run where the steps to come are not known yet.
#pragma once
#include <functional>
#include <string>
#include <unspool/nn/layers/stacked.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/embedding.hpp>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/norm.hpp>

namespace unspool::nn {

/// A layer that takes x [B,F] of one step, or symbols [B] as numbers, and the parts of its state.
struct Stepwise {
    struct Step {
        Var output;
        std::vector<Var> state;  // the next one
    };
    std::vector<std::string> names                                     = {};  // of the parts of the state
    std::function<std::vector<Var>(Tape&, Index batch)> zeros          = {};
    std::function<Step(Var x, std::span<Var const> state, Where)> step = {};
    std::string refused        = {};  // why it cannot be run so; "" where it can
    std::optional<Shape> input = {};  // of a step, without the batch, where the layer says it
};

/// A layer that makes of each step what it makes of it alone, whatever is before and behind: one's own says so by a member
/// `static constexpr bool at_each_step = true`.
template <class L> inline constexpr bool at_each_step                    = requires { requires L::at_each_step; };
template <> inline constexpr bool at_each_step<Linear>                   = true;
template <> inline constexpr bool at_each_step<LayerNorm>                = true;
template <> inline constexpr bool at_each_step<Activation>               = true;
template <class Op> inline constexpr bool at_each_step<ActivationOf<Op>> = true;

/// Rows of a table by numbers that are not known when this is recorded: one below 0, or NaN, stands for the first row, one that is too large for
/// the last, and a fraction is cut off.
Var look_up(Var numbers, Param const& table, Where);

Stepwise stepwise_of_function(std::function<Var(Var, Where)>);
inline Stepwise refused_stepwise(std::string why) { return {.refused = std::move(why)}; }

/// Of a layer of recurrent cells: `run` is its call with a sequence of one step.
template <class L, class Zeros>
Stepwise stepwise_of_recurrent(L const& layer, std::optional<Shape> input, Zeros zeros) {
    using State = typename L::State;
    if constexpr (!states::of_vars_alone<State>()) {
        return refused_stepwise("its state has members that are no Vars");
    } else {
        return {states::names<State>(),
                [zeros](Tape& tape, Index batch) {
                    auto const parts = states::parts(zeros(tape, batch));
                    return std::vector<Var>(parts.begin(), parts.end());
                },
                [layer](Var x, std::span<Var const> state, Where where) {
                    Var const xs     = reshape(x, {1, x.size(0, where), x.size(1, where)}, where);
                    auto const run   = layer(xs, {.state = states::whole<State>(state.data())}, where);
                    auto const parts = states::parts(run.state);
                    return Stepwise::Step{run.outputs[At(0, where)], {parts.begin(), parts.end()}};
                },
                {},
                input};
    }
}
template <class L> std::optional<Shape> input_of(L const& layer) {
    if constexpr (requires {
                      { layer.in() } -> std::convertible_to<Index>;
                  })
        return Shape{layer.in()};
    else return {};
}
template <class C> Stepwise stepwise(Layer<C> const& layer) {
    if (layer.reverse) return refused_stepwise("it begins at the last step");
    return stepwise_of_recurrent(layer, input_of(layer.cell),
                                 [layer](Tape& tape, Index batch) { return layer.cell.zeros(tape, batch); });
}
template <class C> Stepwise stepwise(Stacked<C> const& net) {
    if (net.directions() == 2) return refused_stepwise("it begins at the last step as well");
    if (net.batch_first()) return refused_stepwise("its sequences are [B,T,…]");
    return stepwise_of_recurrent(net, input_of(net.layers()[0].cell),
                                 [net](Tape& tape, Index batch) { return net.first_state(tape, batch); });
}
Stepwise stepwise(Embedding const&);  ///< it must outlive this

class Sequential;
Stepwise stepwise(Sequential const&);  ///< the parts of the state are called "2.h", by the layer's number

/// Of any layer; of one that holds another as `stepped()`, of that.
template <class L> Stepwise stepwise_of(L const& layer) {
    if constexpr (requires { stepwise(layer); }) return stepwise(layer);
    else if constexpr (requires { layer.stepped(); }) return stepwise_of(layer.stepped());
    else if constexpr (!at_each_step<L>) return refused_stepwise("it may look at other steps");
    else {
        Stepwise out = stepwise_of_function([layer](Var x, Where where) {
            if constexpr (std::invocable<L const&, Var, Where>) return Var(layer(x, where));
            else return Var(layer(x));
        });
        out.input    = input_of(layer);
        return out;
    }
}

}  // namespace unspool::nn

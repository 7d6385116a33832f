// A cell on a few steps of made-up input, small enough to be checked derivative by derivative, or drawn.
#pragma once
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace custom_cell {

using namespace unspool;

template <class Cell> class ShortRun {
public:
    using State = nn::StateOf<Cell>;

    explicit ShortRun(std::string const& name) : cell_(params_ / name, in, hidden) {}

    Params const& params() const { return params_; }
    Cell const& cell() const { return cell_; }

    /// A sequence, or one step of it, and a state to begin with.
    std::vector<GradInput> inputs(Shape const& x) {
        std::vector<GradInput> out{{x.rank() == 2 ? "x" : "xs", noise(x)}};
        for (auto* name : {"h0", "c0"})
            if (out.size() <= states::size<State>()) out.emplace_back(name, noise({batch, hidden}));
        return out;
    }
    State first_state(std::span<Var const> inputs) const {
        std::array<Var, states::size<State>()> parts;
        std::copy_n(inputs.begin() + 1, parts.size(), parts.begin());
        return states::whole<State>(parts.data());
    }
    /// The outputs of all steps and the last state.
    Var operator()(std::span<Var const> inputs) const {
        auto const run = scan(cell_, inputs[0], first_state(inputs));
        std::vector<Var> all(run.outputs.begin(), run.outputs.end());
        for (Var part : states::parts(run.state)) all.push_back(part);
        return stack(all);
    }

    static constexpr Index in = 3, hidden = 4, batch = 2;

private:
    xt::xarray<double> noise(Shape const& shape) {
        xt::xarray<double> out = xt::zeros<double>(std::vector<std::size_t>(shape.begin(), shape.end()));
        for (double& x : out) x = random_.normal();
        return out;
    }

    Params params_{1};
    Cell cell_;
    Random random_{2};
};

}  // namespace custom_cell

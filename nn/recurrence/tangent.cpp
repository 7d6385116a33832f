// One tape serves all steps: it is rewound before each.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/tangent.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <xtensor/xview.hpp>

namespace unspool::core {

namespace {

using Arrays = std::vector<xt::xarray<double>>;

xt::xarray<double> zeros_like(Var const& x) {
    return xt::zeros<double>(std::vector<std::size_t>(x.shape().begin(), x.shape().end()));
}
xt::xarray<double> in_double(Var const& x) {
    return dispatch(x.dtype(), [&](auto t) -> xt::xarray<double> { return xt::cast<double>(x.value<decltype(t)>()); });
}
Arrays in_double(Vars const& xs) {
    Arrays out;
    for (Var const& x : xs) out.push_back(in_double(x));
    return out;
}

void require_as_many(std::size_t got, std::size_t wanted, char const* what, Where where) {
    if (got != wanted)
        throw ShapeError(fmt::format("{}: jvp of a scan: {} {} where there are {}", text(where), got, what, wanted));
}

/// Along what is carried, and along what stays the same in all steps.
class ForwardScan {
public:
    ForwardScan(ErasedCell const& cell, Params const& params, ScanDirection const& direction, Where where)
        : cell_(cell), params_(params), direction_(direction), where_(where), tape_(params.dtype()) {}

    StateAndTangent step(Arrays const& inputs, Index t, StateAndTangent const& before) {
        tape_.rewind();
        Vars at, along;
        auto const put = [&](xt::xarray<double> const& x, xt::xarray<double> const* v) {
            at.push_back(tape_.input(x, {}, where_));
            along.push_back(v ? tape_.constant(*v, {}, where_) : Var());
            return at.back();
        };
        Vars xs, state;
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            xt::xarray<double> const x = xt::view(inputs[k], t);
            xt::xarray<double> v;
            if (!direction_.inputs.empty()) v = xt::view(direction_.inputs[k], t);
            xs.push_back(put(x, direction_.inputs.empty() ? nullptr : &v));
        }
        for (std::size_t k = 0; k < before.state.size(); ++k) state.push_back(put(before.state[k], &before.tangent[k]));
        add_params(at, along);
        Vars const after = cell_.step(xs, state);
        return {in_double(after), tangent_of(after, at, along)};
    }

private:
    void add_params(Vars& at, Vars& along) {
        if (direction_.params.empty()) return;
        Vars const all = lifted(tape_, params_, where_);
        require_as_many(direction_.params.size(), all.size(), "directions of parameters", where_);
        for (std::size_t k = 0; k < all.size(); ++k)
            at.push_back(all[k]), along.push_back(tape_.constant(direction_.params[k], {}, where_));
    }
    Arrays tangent_of(Vars const& after, Vars const& at, Vars const& along) {
        Vars us, changing;
        Var total = tape_.constant(0.0), change = tape_.constant(0.0);
        for (Var const& y : after) us.push_back(tape_.input(zeros_like(y))), total = total + sum(us.back() * y);
        for (std::size_t k = 0; k < at.size(); ++k)
            if (!along[k].empty()) changing.push_back(at[k]);
        Vars const g = gradient(total, changing, {}, where_);
        for (std::size_t k = 0, n = 0; k < at.size(); ++k)
            if (!along[k].empty()) change = change + sum(g[n++] * along[k]);
        return in_double(gradient(change, us, {}, where_));
    }

    ErasedCell const& cell_;
    Params const& params_;
    ScanDirection const& direction_;
    Where where_;
    Tape tape_;
};

}  // namespace

StateAndTangent scan_jvp(ErasedCell const& cell, Params const& params, Arrays const& inputs, Arrays const& state,
                         ScanDirection const& direction, AfterStep const& after_step, Where where) {
    require_as_many(inputs.size(), cell.inputs, "sequences", where);
    require_as_many(state.size(), cell.names.size(), "parts of a state", where);
    if (!direction.inputs.empty())
        require_as_many(direction.inputs.size(), inputs.size(), "directions of sequences", where);
    if (!direction.state.empty())
        require_as_many(direction.state.size(), state.size(), "directions of parts of a state", where);
    for (auto const& xs : inputs)
        if (xs.dimension() == 0 || xs.shape()[0] != inputs[0].shape()[0])
            throw ShapeError(fmt::format("{}: jvp of a scan: sequences are [T,...], of one T", text(where)));
    StateAndTangent at{state, direction.state};
    for (std::size_t k = 0; direction.state.empty() && k < state.size(); ++k)
        at.tangent.push_back(xt::zeros<double>(state[k].shape()));
    ForwardScan forward(cell, params, direction, where);
    auto const steps = static_cast<Index>(inputs[0].shape()[0]);
    for (Index t = 0; t < steps; ++t) {
        at = forward.step(inputs, t, at);
        if (after_step) after_step(t, at);
    }
    return at;
}

}  // namespace unspool::core

// One reverse sweep a row.
#include <algorithm>
#include <unspool/nn/online/step_sweeps.hpp>
#include <unspool/nn/recurrence/stepped_cell.hpp>
#include <unspool/ops/derivatives/products.hpp>

namespace unspool::core {

std::vector<double> elements(Var const& x) {
    return dispatch(x.dtype(), [&](auto t) {
        auto const v = x.value<decltype(t)>();
        return std::vector<double>(v.begin(), v.end());
    });
}
std::vector<double> elements(Values const& x) {
    return dispatch(x.dtype(), [&](auto t) {
        auto const v = x.value<decltype(t)>();
        return std::vector<double>(v.begin(), v.end());
    });
}

StepSweeps::StepSweeps(std::vector<Var> before, std::vector<Var> const& after, Params const& params)
    : before_(std::move(before)), after_(end_to_end(after)), size_(static_cast<std::size_t>(after_.size(0))) {
    for (Param const* p : params.all())
        if (p->trained()) params_.push_back(p);
    std::sort(params_.begin(), params_.end());
}

StepSweeps::Row StepSweeps::row(std::span<double const> seed) const {
    Row out;
    if (!after_.requires_grad()) {
        for (Var const& x : before_) out.state.resize(out.state.size() + static_cast<std::size_t>(count(x.shape())));
        return out;
    }
    auto weights = xt::xarray<double>::from_shape({seed.size()});
    std::copy(seed.begin(), seed.end(), weights.begin());
    Gradients const g = backward(after_, weights);
    for (Var const& x : before_) {
        auto const part = elements(g[x]);
        out.state.insert(out.state.end(), part.begin(), part.end());
    }
    g.each_param([&](Param const& p) {
        if (std::binary_search(params_.begin(), params_.end(), &p)) out.params.emplace_back(&p, elements(g[p]));
    });
    return out;
}

StepSweeps::Row StepSweeps::row(std::size_t i, double seed) const {
    std::vector<double> one(size_, 0.0);
    one[i] = seed;
    return row(one);
}

std::vector<double> StepSweeps::along(std::span<double const> v) const {
    bool const nowhere = std::all_of(v.begin(), v.end(), [](double x) { return x == 0; });
    if (!after_.requires_grad() || before_.empty() || nowhere) return std::vector<double>(size_, 0.0);
    std::vector<Var> directions;
    for (Var const& x : before_) {
        auto part = xt::xarray<double>::from_shape(std::vector<std::size_t>(x.shape().begin(), x.shape().end()));
        std::copy_n(v.begin(), part.size(), part.begin());
        v = v.subspan(part.size());
        directions.push_back(after_.tape().constant(part));
    }
    return elements(jvp(after_, before_, directions));
}

std::uint64_t StepSweeps::structure() const {
    std::uint64_t hash = 0;
    auto const mix     = [&hash](std::uint64_t x) { hash = (hash ^ x) * 0x9E3779B97F4A7C15u, hash ^= hash >> 29; };
    Tape const& tape   = after_.tape();
    for (NodeId id = 0; id < tape.size(); ++id) {
        mix(reinterpret_cast<std::uintptr_t>(tape[id].rule)), mix(reinterpret_cast<std::uintptr_t>(tape[id].param));
        for (Window const* x : tape[id].operands) mix(x->node), mix(static_cast<std::uint64_t>(count(x->shape)));
    }
    return hash;
}

}  // namespace unspool::core

// Which weights are pruned, and how they stay so.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/no_parameter.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/pruning.hpp>

namespace unspool::core {

namespace {

template <Real T> T* writable(Param& p) { return static_cast<T*>(p.mutable_data(dtype_of<T>)); }
template <Real T> T const* readable(Param const& p) { return static_cast<T const*>(p.data()); }

// An element and what decides whether it goes: -1 if it is pruned already.
template <Real T> struct Candidate {
    T magnitude;
    Index place;
    T* mask;

    bool operator<(Candidate const& other) const {
        return magnitude != other.magnitude ? magnitude < other.magnitude : place < other.place;
    }
};

template <Real T> void add(std::vector<Candidate<T>>& to, Param const& param, Param& mask) {
    T const* const x = readable<T>(param);
    T* const m       = writable<T>(mask);
    for (Index i = 0; i < param.count(); ++i) {
        T const size = std::isnan(x[i]) ? std::numeric_limits<T>::infinity() : std::abs(x[i]);
        to.push_back({m[i] == 0 ? T{-1} : size, std::ssize(to), m + i});
    }
}

template <Real T> void drop_least(std::vector<Candidate<T>>& of, double fraction) {
    auto const n = static_cast<std::ptrdiff_t>(std::floor(fraction * static_cast<double>(of.size()) + 0.5));
    if (n < std::ssize(of)) std::nth_element(of.begin(), of.begin() + n, of.end());
    std::for_each(of.begin(), of.begin() + n, [](Candidate<T> const& c) { *c.mask = 0; });
    of.clear();
}

template <Real T> void clear_masked(T* __restrict x, T const* __restrict mask, Index n) {
    for (Index i = 0; i < n; ++i) x[i] = mask[i] == 0 ? 0 : x[i];  // a product would keep NaN, and -0
}

void require_one_type(std::vector<Param*> const& params) {
    for (Param* p : params)
        if (p->dtype() != params[0]->dtype())
            throw TypeError(fmt::format("Pruning: {} and {} differ in type", params[0]->path(), p->path()));
}

}  // namespace

Pruning::Pruning(ParamSet params) : params_(std::move(params)), masks_(0, params_.dtype()) { follow(); }

void Pruning::follow() {
    params_.follow([this](std::vector<Param*> const& all) {
        require_one_type(all);
        pairs_.reserve(all.size());
        std::size_t known = 0;  // those of one set come in the order of their making
        for (Param* p : all)
            if (p->trained() && known++ == pairs_.size())
                pairs_.push_back({p, &masks_.constant(p->path(), p->shape(), 1)});
    });
}

void Pruning::require_alive(Where where) const {
    for (Pair const& p : pairs_) static_cast<void>(p.param->data(where));
}

void Pruning::prune(double fraction, By by, Where where) {
    require_number(fraction >= 0 && fraction <= 1, "Pruning", "fraction", fraction, "in [0, 1]", where);
    follow();
    require_any(!pairs_.empty(), "Pruning", "prune", where);
    require_alive(where);
    dispatch(masks_.dtype(), [&](auto type) {
        using T = decltype(type);
        std::vector<Candidate<T>> candidates;
        candidates.reserve(static_cast<std::size_t>(masks_.count()));
        for (auto [param, mask] : pairs_) {
            add(candidates, *param, *mask);
            if (by == By::parameter) drop_least(candidates, fraction);
        }
        drop_least(candidates, fraction);
    });
    apply(where);
}

void Pruning::apply(Where where) {
    require_alive(where);
    dispatch(masks_.dtype(), [&](auto type) {
        using T = decltype(type);
        for (auto [param, mask] : pairs_) clear_masked(writable<T>(*param), readable<T>(*mask), param->count());
    });
}

void Pruning::mask(Gradients& gradients, Where where) const {
    require_some("Pruning", gradients, params_.all(), where);
    dispatch(masks_.dtype(), [&](auto type) {
        using T = decltype(type);
        for (auto [param, mask] : pairs_)
            if (gradients.reached(*param, where))
                clear_masked(gradients.mutable_data<T>(*param), readable<T>(*mask), param->count());
    });
}

Index Pruning::pruned() const {
    return dispatch(masks_.dtype(), [&](auto type) {
        using T = decltype(type);
        Index n = 0;
        for (auto [param, mask] : pairs_) n += std::count(readable<T>(*mask), readable<T>(*mask) + mask->count(), T{0});
        return n;
    });
}

double Pruning::sparsity() const {
    return masks_.count() == 0 ? 0 : static_cast<double>(pruned()) / static_cast<double>(masks_.count());
}

void Pruning::fields(Fields f) {
    follow();
    f.add("masks", masks_);
}

}  // namespace unspool::core

// How averages move.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/no_parameter.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/averaging.hpp>

namespace unspool::core {

namespace {

void require_not_swapped(bool swapped, Where where) {
    if (swapped)
        throw ValueError(
            fmt::format("{}: Averaging: the model's parameters are the average now; swap them first", text(where)));
}

template <Real T> void approach(T* __restrict average, T const* __restrict x, Index n, T part) {
    if (part == 1) std::copy(x, x + n, average);  // also from what is infinite
    else
        for (Index i = 0; i < n; ++i) average[i] += part * (x[i] - average[i]);
}

}  // namespace

Averaging::Averaging(Params const& params, double decay)
    : params_(params), averages_(0, params.dtype()), decay_(decay) {
    follow();
}

// What comes late begins as it is.
void Averaging::follow() {
    params_.follow([this](std::vector<Param*> const& all) {
        pairs_.reserve(all.size());
        for (std::size_t k = pairs_.size(); k < all.size(); ++k) {
            Param& average = averages_.zeros(all[k]->path(), all[k]->shape());
            std::memcpy(average.mutable_data(averages_.dtype()), all[k]->data(averages_.dtype()),
                        static_cast<std::size_t>(average.count()) * size_of(averages_.dtype()));
            pairs_.push_back({all[k], &average});
        }
    });
}

Averaging Averaging::exponential(Params const& params, double decay, Where where) {
    require_number(decay >= 0 && decay < 1, "Averaging", "decay", decay, "in [0, 1)", where);
    return {params, decay};
}

Averaging Averaging::equal(Params const& params) { return {params, 1}; }

void Averaging::update(Where where) {
    require_not_swapped(swapped(), where);
    follow();
    require_any(!pairs_.empty(), "Averaging", "average", where);
    ++updates_;
    double const part = updates_ == 1 ? 1 : decay_ == 1 ? 1 / static_cast<double>(updates_) : 1 - decay_;
    dispatch(averages_.dtype(), [&](auto type) {
        using T = decltype(type);
        for (auto [param, average] : pairs_) {
            auto* const a       = static_cast<T*>(average->mutable_data(dtype_of<T>));
            auto const* const x = static_cast<T const*>(std::as_const(*param).data());
            approach(a, x, param->count(), static_cast<T>(part));
        }
    });
}

void Averaging::swap() {
    if (updates_ == 0) return;
    dispatch(averages_.dtype(), [&](auto type) {
        using T = decltype(type);
        for (auto [param, average] : pairs_) {
            auto* const a = static_cast<T*>(average->mutable_data(dtype_of<T>));
            std::swap_ranges(a, a + param->count(), static_cast<T*>(param->mutable_data(dtype_of<T>)));
        }
    });
    swapped_ = 1 - swapped_;
}

Averaging::InPlace Averaging::in_place(Where where) {
    require_not_swapped(swapped(), where);
    return InPlace(*this);
}

void Averaging::fields(Fields f) {
    follow();
    f.add("averages", averages_);
    f.add("updates", updates_, 0, Fields::most / 2);  // so that counting on is safe
    f.add("swapped", swapped_, 0, 1);
}

}  // namespace unspool::core

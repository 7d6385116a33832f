// How tiles are cut, gathered and given back.
#include <algorithm>
#include <unspool/autograd/statement/tiles.hpp>
#include <utility>

namespace unspool::core {

template <Real T> typename Tiles<T>::Buffers& Tiles<T>::buffers() {
    thread_local Buffers kept;
    return kept;
}

template <Real T> Tiles<T>::Tiles(Statement const& s, FirstElements<T> const& o)
    : s_(s), o_(o), capacity_(s.tiling.size() + margin<T>), patterns_(buffers().patterns) {
    auto& memory = buffers().memory;
    auto const n = static_cast<std::size_t>(s.leaves());
    memory.resize((2 * n + 2) * static_cast<std::size_t>(capacity_));
    if (patterns_.size() < n + 1) patterns_.resize(n + 1);
    T* next   = memory.data();
    auto take = [&] { return std::exchange(next, next + capacity_); };
    y_ = take(), g_ = take();
    patterns_[0].lay_out(s.plan, s.tiling, 0);
    for (int k = 0; k < s.leaves(); ++k) {
        x_staged_[k] = take(), dx_staged_[k] = take(), step_[k] = 1;
        patterns_[static_cast<std::size_t>(k) + 1].lay_out(s.plan, s.tiling, k + 1);
    }
    streams_ = {nullptr, nullptr, x_, dx_, step_, step_, fill_, s.numbers.data()};
}

/// Points the loop at the leaves of a tile.
template <Real T> void Tiles<T>::aim(Index const* offset, Index at, Index size, bool back) {
    bool const whole = size % simd_width<T> == 0, full = size == s_.tiling.size();
    for (int k = 0; k < s_.leaves(); ++k) {
        Pattern<T>& p       = pattern_of(k);
        Index const first   = offset[k + 1] + at * p.step();
        bool const straight = p.straight() && whole;
        if (!straight && !(p.same() && loaded_[k])) p.gather(x_staged_[k], o_.x[k] + first, size), loaded_[k] = full;
        x_[k] = straight ? o_.x[k] + first : x_staged_[k];
        if (!back) continue;
        bool const wanted = o_.fill[k] != WriteMode::none, sums = wanted && !straight && p.same() && full && whole;
        if (sums && !sum_at_[k]) sum_at_[k] = o_.dx[k] + first, std::fill_n(dx_staged_[k], size, T(0));
        if (wanted && !sums && !straight && sum_at_[k]) give_back_sums();
        dx_[k]   = straight && wanted ? o_.dx[k] + first : dx_staged_[k];
        fill_[k] = !wanted ? WriteMode::none : straight ? o_.fill[k] : sums ? WriteMode::add : WriteMode::assign;
    }
}

template <Real T> void Tiles<T>::forward(T* y, double* sums) {
    Pattern<T>& p = patterns_[0];
    each_tile(s_.plan, s_.tiling, [&](Index const* offset, Index at, Index size) {
        Index const first   = offset[0] + at * p.step();
        bool const straight = !sums && p.straight() && size % simd_width<T> == 0;
        aim(offset, at, size, false);
        streams_.y = straight ? y + first : y_;
        s_.type->template forward<T>()(streams_, 1, whole_registers<T>(size));
        if (sums) p.scatter(sums + first, y_, size, true);
        else if (!straight) p.scatter(y + first, y_, size, false);
    });
}

template <Real T> void Tiles<T>::reverse(T const* y, T const* g) {
    Pattern<T>& p  = patterns_[0];
    T const factor = static_cast<T>(factor_of(name_of(s_.reduction.kind), s_.scale));
    each_tile(s_.plan, s_.tiling, [&](Index const* offset, Index at, Index size) {
        Index const first = offset[0] + at * p.step(), n = whole_registers<T>(size);
        bool const straight = !s_.reduces() && p.straight() && size == n;
        aim(offset, at, size, true);
        streams_.y = straight ? const_cast<T*>(y) + first : y_;
        streams_.g = straight ? g + first : g_;
        if (!y) s_.type->template forward<T>()(streams_, 1, n);
        else if (!straight) p.gather(y_, y + first, size);
        if (!straight) {
            p.gather(g_, g + first, size);
            for (Index j = 0; j < n && factor != T(1); ++j) g_[j] *= factor;
        }
        s_.type->template reverse<T>()(streams_, 1, n);
        give_back(offset, at, size);
    });
    give_back_sums();
}

template <Real T> void Tiles<T>::give_back(Index const* offset, Index at, Index size) {
    for (int k = 0; k < s_.leaves(); ++k)
        if (fill_[k] == WriteMode::assign && dx_[k] == dx_staged_[k])
            pattern_of(k).scatter(o_.dx[k] + offset[k + 1] + at * pattern_of(k).step(), dx_staged_[k], size,
                                  o_.fill[k] == WriteMode::add);
}

template <Real T> void Tiles<T>::give_back_sums() {
    for (int k = 0; k < s_.leaves(); ++k)
        if (T* const to = std::exchange(sum_at_[k], nullptr))
            pattern_of(k).scatter(to, dx_staged_[k], s_.tiling.size(), true);
}

template class Tiles<float>;
template class Tiles<double>;

}  // namespace unspool::core

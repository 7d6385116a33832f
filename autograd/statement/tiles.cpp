// How tiles are cut, gathered and given back.
#include <algorithm>
#include <unspool/autograd/statement/tiles.hpp>
#include <utility>

namespace unspool::core {

template <Real T> typename Tiles<T>::Buffers& Tiles<T>::buffers() {
    thread_local Buffers kept;
    return kept;
}

namespace {

template <Real T> Index length_of_whole_rows(Statement const& s) {
    bool const steps_are_rows = s.tiling.axis + 2 == s.plan.rank;
    return steps_are_rows && s.plan.row_length() % simd_width<T> == 0 ? s.plan.row_length() : 0;
}

}  // namespace

template <Real T> Tiles<T>::Tiles(Statement const& s, FirstElements<T> const& o)
    : s_(s)
    , o_(o)
    , capacity_(s.tiling.size() + margin<T>)
    , row_(length_of_whole_rows<T>(s))
    , patterns_(buffers().patterns) {
    auto& memory = buffers().memory;
    auto const n = static_cast<std::size_t>(s.leaves());
    memory.resize((2 * n + 2) * static_cast<std::size_t>(capacity_));
    if (patterns_.size() < n + 1) patterns_.resize(n + 1);
    T* next   = memory.data();
    auto take = [&] { return std::exchange(next, next + capacity_); };
    y_ = take(), g_ = take();
    patterns_[0].lay_out(s.plan, s.tiling, 0);
    for (int k = 0; k < s.leaves(); ++k) {
        x_staged_[k] = take(), dx_staged_[k] = take();
        pattern_of(k).lay_out(s.plan, s.tiling, k + 1);
        way_[k]  = way_of(k);
        step_[k] = way_[k] == repeated ? 0 : 1;
        skip_[k] = way_[k] == repeated ? simd_width<T> : way_[k] == by_rows ? pattern_of(k).step() - row_ : 0;
    }
    streams_ = {nullptr, nullptr, x_, dx_, step_, skip_, fill_, s.numbers.data()};
}

template <Real T> typename Tiles<T>::Way Tiles<T>::way_of(int leaf) const {
    Index const stride = s_.plan.row_stride(leaf + 1);
    return row_ == 0 || stride > 1 || stride < 0 ? gathered : stride == 0 ? repeated : by_rows;
}

template <Real T> void Tiles<T>::run(Loop<T> loop, Index size) const {
    if (row_ > 0) loop(streams_, size / row_, row_);
    else loop(streams_, 1, whole_registers<T>(size));
}

/// Points the loop at the leaves of a tile.
template <Real T> void Tiles<T>::aim(Index const* offset, Index at, Index size, bool back) {
    bool const whole = size % simd_width<T> == 0, full = size == s_.tiling.size();
    for (int k = 0; k < s_.leaves(); ++k) {
        Pattern<T> const& p = pattern_of(k);
        Index const first   = offset[k + 1] + at * p.step();
        bool const in_place = way_[k] == by_rows || (p.straight() && whole);
        if (!in_place && !(p.same() && loaded_[k])) load(k, o_.x[k] + first, size), loaded_[k] = full;
        x_[k] = in_place ? o_.x[k] + first : x_staged_[k];
        if (back) aim_back(k, first, size, in_place);
    }
}

template <Real T> void Tiles<T>::aim_back(int k, Index first, Index size, bool in_place) {
    bool const wanted = o_.fill[k] != WriteMode::none, whole = size % simd_width<T> == 0;
    bool const apart = wanted && !in_place, sums = apart && pattern_of(k).same() && size == s_.tiling.size() && whole;
    bool const first_sum = sums && !sum_at_[k], adds = sums || way_[k] == repeated;
    if (first_sum) sum_at_[k] = o_.dx[k] + first;
    if (apart && !sums && sum_at_[k]) give_back_sums();
    if (first_sum || (apart && !sums && adds)) std::fill_n(dx_staged_[k], staged(k, size), T(0));
    dx_[k]      = in_place && wanted ? o_.dx[k] + first : dx_staged_[k];
    fill_[k]    = !apart ? o_.fill[k] : adds ? WriteMode::add : WriteMode::assign;
    returns_[k] = apart && !sums;
}

template <Real T> void Tiles<T>::load(int k, T const* from, Index size) {
    if (way_[k] != repeated) return pattern_of(k).gather(x_staged_[k], from, size);
    Index const step = pattern_of(k).step();
    T* to            = x_staged_[k];
    for (Index rows = size / row_; rows > 0; --rows, from += step, to += simd_width<T>)
        xsimd::batch<T>(*from).store_unaligned(to);
}

/// What was staged of a leaf's adjoint.
template <Real T> void Tiles<T>::put(int k, T* to, Index size) {
    bool const adds = o_.fill[k] == WriteMode::add;
    if (way_[k] != repeated) return pattern_of(k).scatter(to, dx_staged_[k], size, adds);
    T sums[Tiling::most / simd_width<T> + margin<T>];
    Index const rows = size / row_, step = pattern_of(k).step();
    sum_over(sums, dx_staged_[k], dx_staged_[k], rows, simd_width<T>, Index{1});
    for (Index r = 0; r < rows; ++r) to[r * step] = adds ? to[r * step] + sums[r] : sums[r];
}

template <Real T> void Tiles<T>::forward(T* y, double* sums) {
    Pattern<T>& p = patterns_[0];
    each_tile(s_.plan, s_.tiling, [&](Index const* offset, Index at, Index size) {
        Index const first   = offset[0] + at * p.step();
        bool const straight = !sums && p.straight() && size % simd_width<T> == 0;
        aim(offset, at, size, false);
        streams_.y = straight ? y + first : y_;
        run(s_.type->template forward<T>(), size);
        if (sums) p.scatter(sums + first, y_, size, true);
        else if (!straight) p.scatter(y + first, y_, size, false);
    });
}

template <Real T> void Tiles<T>::reverse(T const* y, T const* g) {
    Pattern<T>& p  = patterns_[0];
    T const factor = static_cast<T>(factor_of(name_of(s_.reduction.kind), s_.scale));
    bool loaded    = false;  // g of a tile, of which there may be one for all
    each_tile(s_.plan, s_.tiling, [&](Index const* offset, Index at, Index size) {
        Index const first = offset[0] + at * p.step(), n = whole_registers<T>(size);
        bool const straight = !s_.reduces() && p.straight() && size == n;
        aim(offset, at, size, true);
        streams_.y = straight ? const_cast<T*>(y) + first : y_;
        streams_.g = straight ? g + first : g_;
        if (!y) run(s_.type->template forward<T>(), size);
        else if (!straight) p.gather(y_, y + first, size);
        if (!straight && !(loaded && p.same())) {
            p.gather(g_, g + first, size);
            for (Index j = 0; j < n && factor != T(1); ++j) g_[j] *= factor;
            loaded = size == s_.tiling.size();
        }
        run(s_.type->template reverse<T>(), size);
        give_back(offset, at, size);
    });
    give_back_sums();
}

template <Real T> void Tiles<T>::give_back(Index const* offset, Index at, Index size) {
    for (int k = 0; k < s_.leaves(); ++k)
        if (returns_[k]) put(k, o_.dx[k] + offset[k + 1] + at * pattern_of(k).step(), size);
}

template <Real T> void Tiles<T>::give_back_sums() {
    for (int k = 0; k < s_.leaves(); ++k)
        if (T* const to = std::exchange(sum_at_[k], nullptr)) put(k, to, s_.tiling.size());
}

template class Tiles<float>;
template class Tiles<double>;

}  // namespace unspool::core

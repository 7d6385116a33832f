// How tiles are cut, gathered and given back.
#include <algorithm>
#include <limits>
#include <numeric>
#include <unspool/autograd/statement/tiles.hpp>
#include <utility>

namespace unspool::core {

namespace {

constexpr Index enough   = 512,
                most     = 2048;  // elements of a tile: the call of a loop counts no longer, and all fit in the cache
constexpr Index long_row = 256;

/// Can everything in a tile be reached by numbers of 32 bits?
bool reachable(Plan const& p, Tiling const& t) {
    for (int k = 0; k < p.streams; ++k) {
        Index reach = 0;
        for (int a = t.axis; a < p.rank; ++a)
            reach += std::abs(p.strides[a * p.streams + k]) * (a == t.axis ? t.steps : p.dims[a]);
        if (reach >= std::numeric_limits<std::int32_t>::max()) return false;
    }
    return true;
}

}  // namespace

Tiling tiling_of(Plan const& p, Index width) {
    if (p.rank < 2 || p.row_length() >= long_row) return {};
    Tiling t{.axis = p.rank - 1, .inner = 1};
    while (t.axis > 0 && t.inner * p.dims[t.axis] < enough) t.inner *= p.dims[t.axis--];
    if (t.inner == 0 || t.inner >= enough) return {};
    Index const whole = width / std::gcd(t.inner, width);  // so many steps fill whole registers
    t.steps           = std::max(Index{1}, enough / t.inner);
    if (Index const even = (t.steps + whole - 1) / whole * whole; even * t.inner <= most) t.steps = even;
    t.steps = std::min(t.steps, p.dims[t.axis]);
    return t.steps * t.inner >= 4 * p.row_length() && reachable(p, t) ? t : Tiling{};
}

template <Real T> typename Tiles<T>::Buffers& Tiles<T>::buffers() {
    thread_local Buffers kept;
    return kept;
}

template <Real T> Tiles<T>::Tiles(Statement const& s, FirstElements<T> const& o)
    : s_(s), o_(o), capacity_(s.tiling.steps * s.tiling.inner + 2 * simd_width<T>), patterns_(buffers().patterns) {
    auto& memory = buffers().memory;
    auto const n = static_cast<std::size_t>(s.leaves());
    memory.resize((2 * n + 2) * static_cast<std::size_t>(capacity_));
    if (patterns_.size() < n + 1) patterns_.resize(n + 1);
    T* next   = memory.data();
    auto take = [&] { return std::exchange(next, next + capacity_); };
    y_ = take(), g_ = take();
    lay_out(patterns_[0], 0);
    for (int k = 0; k < s.leaves(); ++k) {
        x_staged_[k] = take(), dx_staged_[k] = take(), step_[k] = 1;
        lay_out(patterns_[static_cast<std::size_t>(k) + 1], k + 1);
    }
    streams_ = {nullptr, nullptr, x_, dx_, step_, step_, fill_, s.numbers.data()};
}

template <Real T> void Tiles<T>::lay_out(Pattern& p, int stream) {
    Plan const& plan = s_.plan;
    Tiling const& t  = s_.tiling;
    auto stride      = [&](int a) { return plan.strides[a * plan.streams + stream]; };
    p.step           = stride(t.axis);
    p.run = p.block = 1;
    for (int a = plan.rank - 1; a > t.axis && stride(a) == 0; --a) p.run *= plan.dims[a];
    for (int a = plan.rank - 1; a > t.axis && stride(a) == p.block; --a) p.block *= plan.dims[a];
    p.same = true;
    for (int a = 0; a <= t.axis; ++a) p.same &= stride(a) == 0;
    p.loaded = false, p.straight = true;
    Index block = 1;
    for (int a = plan.rank - 1; a >= t.axis; block *= plan.dims[a--])
        p.straight &= stride(a) == block || (a == t.axis && t.steps == 1);
    p.place.resize(static_cast<std::size_t>(t.steps * t.inner));
    bool const asked = s_.reduces() && stream == 0;  // wherever they lie, for a reduction adds to them one by one
    if (p.straight && !asked && t.steps * t.inner % simd_width<T> == 0 && plan.dims[t.axis] % t.steps == 0) return;
    std::int32_t* const place = p.place.data();
    place[0] = 0, block = 1;
    for (int a = plan.rank - 1; a >= t.axis; --a) {
        Index const steps = a == t.axis ? t.steps : plan.dims[a];
        for (Index done = 1; done < steps; done *= 2) {  // what is behind an axis is repeated along it
            auto const step = static_cast<std::int32_t>(done * stride(a));
            Index const n   = std::min(done, steps - done) * block;
            for (Index j = 0; j < n; ++j) place[done * block + j] = place[j] + step;
        }
        block *= steps;
    }
}

/// Calls `body(offsets, first step, elements)` for each.
template <Real T> template <class Body> void Tiles<T>::each_tile(Body body) {
    Index const steps = s_.plan.dims[s_.tiling.axis];
    auto const along  = [&](Index const* offset) {
        for (Index at = 0; at < steps; at += s_.tiling.steps)
            body(offset, at, std::min(s_.tiling.steps, steps - at) * s_.tiling.inner);
    };
    each_row(s_.plan, along, s_.plan.rank - s_.tiling.axis);
}

template <Real T> void Tiles<T>::gather(T* to, T const* from, Pattern const& p, Index size) const {
    Index const width = simd_width<T>;
    if (p.run >= width) {  // each run reaches over the next, which mends it
        for (Index i = 0; i < size; i += p.run)
            for (Index j = 0; j < p.run; j += width)
                xsimd::batch<T>(from[p.place[static_cast<std::size_t>(i)]]).store_unaligned(to + i + j);
    } else if (p.block >= width) {
        for (Index i = 0; i < size; i += p.block)
            std::copy_n(from + p.place[static_cast<std::size_t>(i)], p.block, to + i);
    } else {
        std::int32_t const* const place = p.place.data();
        for (Index j = 0; j < size; ++j) to[j] = from[place[j]];
    }
    for (Index j = size; j % width != 0; ++j) to[j] = to[size - 1];  // so that no garbage is computed with
}

template <Real T> template <class To>
void Tiles<T>::scatter(To* to, T const* from, Pattern const& p, Index size, bool adds) const {
    std::int32_t const* const place = p.place.data();
    if (p.run > 1) {
        for (Index i = 0; i < size; i += p.run) { to[place[i]] += static_cast<To>(sum_of(from + i, p.run)); }
    } else if (adds && p.block >= simd_width<T>) {
        for (Index i = 0; i < size; i += p.block) {
            To* const block = to + place[i];
            for (Index j = 0; j < p.block; ++j) block[j] += static_cast<To>(from[i + j]);
        }
    } else if (p.block >= simd_width<T>) {
        for (Index i = 0; i < size; i += p.block) std::copy_n(from + i, p.block, to + place[i]);
    } else if (adds) {
        for (Index j = 0; j < size; ++j) to[place[j]] += static_cast<To>(from[j]);
    } else {
        for (Index j = 0; j < size; ++j) to[place[j]] = static_cast<To>(from[j]);
    }
}

/// Points the loop at the leaves of a tile.
template <Real T> void Tiles<T>::aim(Index const* offset, Index at, Index size, bool back) {
    bool const whole = size % simd_width<T> == 0;
    for (int k = 0; k < s_.leaves(); ++k) {
        Pattern& p          = patterns_[static_cast<std::size_t>(k) + 1];
        Index const first   = offset[k + 1] + at * p.step;
        bool const straight = p.straight && whole, full = size == s_.tiling.steps * s_.tiling.inner;
        if (!straight && !(p.same && p.loaded)) gather(x_staged_[k], o_.x[k] + first, p, size), p.loaded = full;
        x_[k] = straight ? o_.x[k] + first : x_staged_[k];
        if (!back) continue;
        bool const wanted = o_.fill[k] != WriteMode::none, sums = wanted && !straight && p.same && full && whole;
        if (sums && !sum_at_[k]) sum_at_[k] = o_.dx[k] + first, std::fill_n(dx_staged_[k], size, T(0));
        if (wanted && !sums && !straight && sum_at_[k]) give_back_sums();
        dx_[k]   = straight && wanted ? o_.dx[k] + first : dx_staged_[k];
        fill_[k] = !wanted ? WriteMode::none : straight ? o_.fill[k] : sums ? WriteMode::add : WriteMode::assign;
    }
}

template <Real T> void Tiles<T>::forward(T* y, double* sums) {
    Pattern const& p = patterns_[0];
    each_tile([&](Index const* offset, Index at, Index size) {
        Index const first   = offset[0] + at * p.step;
        bool const straight = !s_.reduces() && p.straight && size % simd_width<T> == 0;
        aim(offset, at, size, false);
        streams_.y = straight ? y + first : y_;
        s_.type->template forward<T>()(streams_, 1, (size + simd_width<T> - 1) / simd_width<T> * simd_width<T>);
        if (s_.reduces()) scatter(sums + first, y_, p, size, true);
        else if (!straight) scatter(y + first, y_, p, size, false);
    });
}

template <Real T> void Tiles<T>::reverse(T const* y, T const* g) {
    Pattern const& p = patterns_[0];
    T const factor   = static_cast<T>(factor_of(name_of(s_.reduction.kind), s_.scale));
    each_tile([&](Index const* offset, Index at, Index size) {
        Index const first = offset[0] + at * p.step, n = (size + simd_width<T> - 1) / simd_width<T> * simd_width<T>;
        bool const straight = !s_.reduces() && p.straight && size == n;
        aim(offset, at, size, true);
        streams_.y = straight ? const_cast<T*>(y) + first : y_;
        streams_.g = straight ? g + first : g_;
        if (!y) s_.type->template forward<T>()(streams_, 1, n);
        else if (!straight) gather(y_, y + first, p, size);
        if (!straight) {
            gather(g_, g + first, p, size);
            for (Index j = 0; j < n && factor != T(1); ++j) g_[j] *= factor;
        }
        s_.type->template reverse<T>()(streams_, 1, n);
        give_back(offset, at, size);
    });
    give_back_sums();
}

template <Real T> void Tiles<T>::give_back(Index const* offset, Index at, Index size) {
    for (int k = 0; k < s_.leaves(); ++k)
        if (Pattern const& p = patterns_[static_cast<std::size_t>(k) + 1];
            fill_[k] == WriteMode::assign && dx_[k] == dx_staged_[k])
            scatter(o_.dx[k] + offset[k + 1] + at * p.step, dx_staged_[k], p, size, o_.fill[k] == WriteMode::add);
}

template <Real T> void Tiles<T>::give_back_sums() {
    for (int k = 0; k < s_.leaves(); ++k)
        if (T* const to = std::exchange(sum_at_[k], nullptr))
            scatter(to, dx_staged_[k], patterns_[static_cast<std::size_t>(k) + 1], s_.tiling.steps * s_.tiling.inner,
                    true);
}

template class Tiles<float>;
template class Tiles<double>;

}  // namespace unspool::core

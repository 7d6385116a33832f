// Which axes a tile has in one array, and sums over those that repeat.
#include <algorithm>
#include <unspool/autograd/cpu/layouts.hpp>
#include <unspool/autograd/cpu/pattern.hpp>
#include <unspool/autograd/cpu/permutations.hpp>
#include <unspool/autograd/cpu/sums.hpp>

namespace unspool::core {

namespace {

/// One axis more, or the last one longer.  Returns how many there are.
std::size_t append(TileAxis* axes, std::size_t n, TileAxis next) {
    if (n == 0 || axes[n - 1].stride != next.stride * next.n) return axes[n] = next, n + 1;
    axes[n - 1] = {axes[n - 1].n * next.n, next.stride};
    return n;
}
}  // namespace

template <Real T> void Pattern<T>::lay_out(Plan const& p, Tiling const& t, int stream) {
    rank_ = 0, same_ = true, repeats_ = false, all_ = once_ = nullptr;
    auto const stride = [&](int a) { return p.strides[a * p.streams + stream]; };
    step_             = stride(t.axis);
    for (int a = 0; a <= t.axis; ++a) same_ &= stride(a) == 0;
    for (int a = t.axis; a < p.rank; ++a) {
        Index const n = a == t.axis ? t.steps : p.dims[a];
        if (n == 1) continue;
        repeats_ |= stride(a) == 0;
        rank_ = append(axes_, rank_, {n, stride(a)});
    }
    straight_ = rank_ == 1 && axes_[0].stride == 1;
}

template <Real T> Runs<T>& Pattern<T>::all() {
    if (!all_) all_ = &kept_layouts<T>().of({axes_, rank_});
    return *all_;
}
template <Real T> Runs<T>& Pattern<T>::once() {
    if (!repeats_) return all();
    if (once_) return *once_;
    TileAxis axes[Dims::max_rank];
    std::size_t n = 0;
    for (std::size_t a = 0; a < rank_; ++a)
        if (axes_[a].stride != 0) n = append(axes, n, axes_[a]);
    once_ = &kept_layouts<T>().of({axes, n});
    return *once_;
}

template <Real T> void Pattern<T>::gather(T* row, T const* from, Index size) {
    all().gather(row, from, size);
    for (Index j = size; j % in_lanes_of<T> != 0; ++j) row[j] = row[size - 1];  // so that no garbage is computed with
}

/// Sums over the axes that repeat, from the last one on.  Returns how many are left.
template <Real T> Index Pattern<T>::fold(T* to, T const* row, Index size) const {
    T memory[2][Tiling::most + margin<T>];
    Index kept = 1, next = 0;
    for (std::size_t a = rank_; a-- > 0;) {
        Index const k = a == 0 ? size / kept : axes_[a].n;
        if (axes_[a].stride != 0) {
            kept *= k;
            continue;
        }
        size /= k;
        bool const last = std::none_of(axes_, axes_ + a, [](TileAxis const& x) { return x.stride == 0; });
        sum_over(last ? to : memory[next], memory[1 - next], row, size / kept, k, kept);
        row = memory[next], next = 1 - next;
    }
    return size;
}

template <Real T> template <class To> void Pattern<T>::scatter(To* to, T const* row, Index size, bool adds) {
    if (!repeats_) return once().scatter(to, row, size, adds);
    T sums[Tiling::most + margin<T>];
    Index const left = fold(sums, row, size);
    once().scatter(to, sums, left, adds);
}

template class Pattern<float>;
template class Pattern<double>;
template void Pattern<float>::scatter(float*, float const*, Index, bool);
template void Pattern<float>::scatter(double*, float const*, Index, bool);
template void Pattern<double>::scatter(double*, double const*, Index, bool);

}  // namespace unspool::core

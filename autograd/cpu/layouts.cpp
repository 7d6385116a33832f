// What was not asked for the longest gives way.
#include <algorithm>
#include <unspool/autograd/cpu/layouts.hpp>
#include <utility>

namespace unspool::core {

namespace {

/// Never 0.
std::uint64_t key_of(std::span<TileAxis const> axes) {
    std::uint64_t out = 1;
    for (TileAxis const& a : axes)
        for (Index const n : {a.n, a.stride})
            out = (out ^ static_cast<std::uint64_t>(n)) * 0x9e3779b97f4a7c15u + 1, out ^= out >> 29;
    return out | 1;
}

}  // namespace

template <Real T> std::size_t Layouts<T>::place_of(std::span<TileAxis const> axes, std::uint64_t key) const {
    for (std::size_t i = 0; i < most; ++i)
        if (keys_[i] == key && std::ranges::equal(kept_[i].axes, axes)) return i;
    return most;
}

template <Real T> Runs<T>& Layouts<T>::of(std::span<TileAxis const> axes) {
    std::uint64_t const key = key_of(axes);
    std::size_t i           = place_of(axes, key);
    if (i == most) {
        i = static_cast<std::size_t>(std::min_element(asked_.begin(), asked_.end()) - asked_.begin());
        Kept made;  // all of it, before it takes a place: memory may run out
        made.axes.assign(axes.begin(), axes.end());
        made.runs.lay_out(axes);
        kept_[i] = std::move(made), keys_[i] = key;
    }
    asked_[i] = ++now_;
    return kept_[i].runs;
}

template <Real T> Layouts<T>& kept_layouts() {
    thread_local Layouts<T> kept;
    return kept;
}

template class Layouts<float>;
template class Layouts<double>;
template Layouts<float>& kept_layouts();
template Layouts<double>& kept_layouts();

}  // namespace unspool::core

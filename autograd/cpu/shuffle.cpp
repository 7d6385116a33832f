// Permutations of registers, which the compiler has an instruction for.
#include <algorithm>
#include <cstring>
#include <limits>
#include <unspool/autograd/cpu/shuffle.hpp>
#include <unspool/autograd/cpu/simd.hpp>

namespace unspool::core {

namespace {

template <Real T> constexpr Index shuffle_width = static_cast<Index>(xsimd::batch<T>::size);
template <Real T> using ShuffleVector [[gnu::vector_size(sizeof(xsimd::batch<T>))]] = T;
template <Real T> using ShuffleLanes [[gnu::vector_size(sizeof(xsimd::batch<T>))]] =
    std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

template <class V> V vector_at(void const* from) {
    V out;
    std::memcpy(&out, from, sizeof out);
    return out;
}

#ifdef __clang__  // which has no permutation that is not a constant
template <Real T> ShuffleVector<T> permuted_one(T const* x, ShuffleLanes<T> lanes) {
    ShuffleVector<T> out;
    for (Index i = 0; i < shuffle_width<T>; ++i) out[i] = x[lanes[i]];
    return out;
}
template <Real T> ShuffleVector<T> permuted_pair(T const* x, ShuffleLanes<T> lanes) {
    ShuffleVector<T> out;
    for (Index i = 0; i < shuffle_width<T>; ++i) out[i] = x[lanes[i] & (2 * shuffle_width<T> - 1)];
    return out;
}
#else
template <Real T> [[gnu::always_inline]] inline ShuffleVector<T> permuted_one(T const* x, ShuffleLanes<T> lanes) {
    return __builtin_shuffle(vector_at<ShuffleVector<T>>(x), lanes);
}
template <Real T> [[gnu::always_inline]] inline ShuffleVector<T> permuted_pair(T const* x, ShuffleLanes<T> lanes) {
    return __builtin_shuffle(vector_at<ShuffleVector<T>>(x), vector_at<ShuffleVector<T>>(x + shuffle_width<T>), lanes);
}
#endif

/// Elements by number, of one, two or four registers from x on.
template <Index registers, Real T>
[[gnu::always_inline]] inline ShuffleVector<T> permuted(T const* x, ShuffleLanes<T> lanes) {
    constexpr Index pair = 2 * shuffle_width<T>;
    if constexpr (registers == 1) return permuted_one(x, lanes);
    else if constexpr (registers == 2) return permuted_pair(x, lanes);
    else return lanes >= pair ? permuted_pair(x + pair, lanes) : permuted_pair(x, lanes);
}

template <Real T> using Places [[gnu::vector_size(4 * xsimd::batch<T>::size)]] = std::int32_t;
template <Real T> [[gnu::always_inline]] inline std::int32_t largest(Places<T> x) {
#pragma GCC unroll 4
    for (Index half = shuffle_width<T> / 2; half > 0; half /= 2) {
        Places<T> other = x;
#pragma GCC unroll 16
        for (Index i = 0; i < shuffle_width<T>; ++i) other[i] = x[i ^ half];
        x = x > other ? x : other;
    }
    return x[0];
}

}  // namespace

template <Real T> bool Shuffle<T>::lay_out(std::vector<std::int32_t>& places) {
    constexpr auto width     = static_cast<std::size_t>(shuffle_width<T>);
    std::size_t const n      = (places.size() + width - 1) / width;
    std::size_t const before = places.size();
    places.resize(n * width, nowhere);
    base_.resize(n), lanes_.resize(n * width), used_.resize(n * width);
    registers_ = 1;
    bool near  = true;
    for (std::size_t i = 0; i < n && near; ++i) {
        auto const these  = vector_at<Places<T>>(places.data() + i * width);
        auto const used   = these != nowhere;
        std::int32_t high = largest<T>(these), low = -largest<T>(used ? -these : Places<T>{} + nowhere);
        if (high == nowhere) low = high = 0;
        auto const span = static_cast<Index>(high) - low;
        near            = span < 4 * shuffle_width<T>;
        registers_ = std::max<Index>(registers_, span < shuffle_width<T> ? 1 : span < 2 * shuffle_width<T> ? 2 : 4);
        base_[i]   = low;
        auto const lanes = __builtin_convertvector((used ? these : Places<T>{} + low) - low, ShuffleLanes<T>);
        auto const bits  = __builtin_convertvector(used, ShuffleLanes<T>);
        std::memcpy(lanes_.data() + i * width, &lanes, sizeof lanes);
        std::memcpy(used_.data() + i * width, &bits, sizeof bits);
    }
    places.resize(before);
    return near;
}

template <Real T> void Shuffle<T>::assign(T* to, T const* from, Index n, Index first, Index end) const {
    T few[4 * shuffle_width<T>];
    if (end - first < registers_ * shuffle_width<T>) {
        std::copy_n(from + first, end - first, few);
        from = few - first, end = first + registers_ * shuffle_width<T>;
    }
    if (registers_ == 1) assign_by<1>(to, from, n, first, end);
    else if (registers_ == 2) assign_by<2>(to, from, n, first, end);
    else assign_by<4>(to, from, n, first, end);
}

template <Real T> template <Index registers>
void Shuffle<T>::assign_by(T* to, T const* from, Index n, Index first, Index end) const {
    constexpr Index width    = shuffle_width<T>;
    std::int32_t const* base = base_.data();
    for (Index j = 0; j < n; j += width, ++base) {
        Index const begin = std::max(first, std::min<Index>(*base, end - registers * width));
        auto lanes        = vector_at<ShuffleLanes<T>>(lanes_.data() + j);
        lanes += static_cast<Lane>(*base - begin);
        auto const out = permuted<registers>(from + begin, lanes);
        std::memcpy(to + j, &out, sizeof out);
    }
}

template <Real T> void Shuffle<T>::put(T* to, T const* from, Index n, bool adds) const {
    if (registers_ == 1) put_by<1>(to, from, n, adds);
    else if (registers_ == 2) put_by<2>(to, from, n, adds);
    else put_by<4>(to, from, n, adds);
}

template <Real T> template <Index registers> void Shuffle<T>::put_by(T* to, T const* from, Index n, bool adds) const {
    constexpr Index width = shuffle_width<T>;
    for (Index j = 0; j < n; j += width) {
        auto const v    = permuted<registers>(from + base_[static_cast<std::size_t>(j / width)],
                                           vector_at<ShuffleLanes<T>>(lanes_.data() + j));
        auto const used = vector_at<ShuffleLanes<T>>(used_.data() + j);
        if (j + width <= n) {
            auto const before = vector_at<ShuffleVector<T>>(to + j);
            auto const out    = used ? (adds ? before + v : v) : before;
            std::memcpy(to + j, &out, sizeof out);
        } else {
            for (Index i = 0; i < n - j; ++i)
                if (used[i] != 0) to[j + i] = adds ? to[j + i] + v[i] : v[i];
        }
    }
}

template class Shuffle<float>;
template class Shuffle<double>;

}  // namespace unspool::core

// How runs are scattered to where they came from.
#include <algorithm>
#include <unspool/autograd/cpu/pieces.hpp>
#include <unspool/autograd/cpu/runs.hpp>

namespace unspool::core {

template <Real T> template <class To> void Runs<T>::scatter(To* to, T const* row, Index size, bool adds) {
    std::int32_t const* place = places_.data();
    Index const length        = kind_ == shuffled ? 1 : this->length(size);
    if constexpr (std::same_as<To, T>)
        if (kind_ == shuffled && put_shuffled(to, row, size, adds)) return;
    if (kind_ == turned) return scatter_turned(to, row, size, adds);
    if (kind_ == block || kind_ == shuffled)
        return with_length<in_lanes_of<T>>(length, [&](auto n) {
            if (adds)
                for (; size > 0; size -= n, row += n) put_run(to + *place++, row, n, true);
            else
                for (; size > 0; size -= n, row += n) put_run(to + *place++, row, n, false);
        });
    Reach const reach = reach_of(size);
    for (; size > 0; size -= length, ++place, row += length) {
        Index const at = scatter_registers(to, *place, row, length, adds, reach.last), by = kind_ == reversed ? -1 : 2;
        if (adds)
            for (Index j = at; j < length; ++j) to[*place + j * by] += static_cast<To>(row[j]);
        else
            for (Index j = at; j < length; ++j) to[*place + j * by] = static_cast<To>(row[j]);
    }
}

/// As many elements of a run as whole registers take, backwards or to every second place.  Returns how many.
template <Real T> template <class To>
Index Runs<T>::scatter_registers(To* to, Index place, T const* row, Index n, bool adds, Index last) const {
    constexpr Index width = in_lanes_of<T>;
    constexpr auto back   = [](int lane) { return static_cast<int>(width) - 1 - lane; };
    constexpr auto low    = [](int lane) { return static_cast<int>(lane % 2 == 0 ? lane / 2 : width + lane); };
    constexpr auto high = [](int lane) { return static_cast<int>(lane % 2 == 0 ? (width + lane) / 2 : width + lane); };
    Index j             = 0;
    if constexpr (std::same_as<To, T>) {
        for (; kind_ == reversed && j + width <= n; j += width) {
            T* const y      = to + place - j - width + 1;
            Lane<T> const r = Lane<T>::load_unaligned(row + j), v = picked<T>(r, r, back);
            (adds ? Lane<T>::load_unaligned(y) + v : v).store_unaligned(y);
        }
        for (; kind_ == stepped && j + width <= n && place + 2 * (j + width) <= last; j += width) {
            T* const y      = to + place + 2 * j;
            Lane<T> const a = Lane<T>::load_unaligned(y), b = Lane<T>::load_unaligned(y + width);
            Lane<T> v = Lane<T>::load_unaligned(row + j);
            if (adds) v += picked<T>(a, b, every_second);
            picked<T>(v, a, low).store_unaligned(y);
            picked<T>(v, b, high).store_unaligned(y + width);
        }
    }
    return j;
}

/// By registers of memory, if all of the tile is there.
template <Real T> bool Runs<T>::put_shuffled(T* to, T const* row, Index size, bool adds) {
    if (size < std::ssize(places_)) return false;
    if (goes_back_ == unknown) {
        goes_back_ = no;
        if (whole_.last - whole_.first > 2 * size) return false;
        std::vector<std::int32_t>& source = in_run_;
        source.assign(static_cast<std::size_t>(whole_.last - whole_.first), Shuffle<T>::nowhere);
        for (std::size_t j = 0; j < places_.size(); ++j)
            source[static_cast<std::size_t>(places_[j] - whole_.first)] = static_cast<std::int32_t>(j);
        if (back_.lay_out(source)) goes_back_ = yes;
    }
    if (goes_back_ == yes) back_.put(to + whole_.first, row, whole_.last - whole_.first, adds);
    return goes_back_ == yes;
}

template <Real T> template <class To> void Runs<T>::scatter_turned(To* to, T const* row, Index size, bool adds) const {
    Index const n = length(size), rows = rows_, columns = n / rows;
    for (std::int32_t const* place = places_.data(); size > 0; size -= n, row += n, ++place) {
        To* const y = to + *place;
        if constexpr (std::same_as<To, T>) {
            with_least_square<in_lanes_of<T>>(rows, columns, in_lanes_of<T>, [&]<class N>(N) {
                for (Index j = 0; j < columns; j += N::value)
                    scatter_squares<N::value>(y + j, row + j * rows, std::min(N::value, columns - j), adds);
            });
        } else {
            for (Index j = 0; j < columns; ++j)
                for (Index i = 0; i < rows; ++i)
                    y[j + in_run_[static_cast<std::size_t>(i)]] += static_cast<To>(row[j * rows + i]);
        }
    }
}

template <Real T> template <Index n>
void Runs<T>::scatter_squares(T* to, T const* row, Index columns, bool adds) const {
    using V                         = Piece<T, n>;
    Index const rows                = rows_;
    std::int32_t const* const place = in_run_.data();
    for (Index i = 0; i < rows; i += n) {
        V r[n];
#pragma GCC unroll 16
        for (Index lane = 0; lane < n; ++lane)
            std::memcpy(&r[lane], row + std::min(lane, columns - 1) * rows + i, sizeof(V));
        transpose_pieces<static_cast<int>(n / 2), static_cast<int>(n)>(r);
        alignas(64) T out[n][n];
#pragma GCC unroll 16
        for (Index lane = 0; lane < n; ++lane) {
            if (i + lane >= rows) continue;
            T* const y = to + place[i + lane];
            V before   = {};
            if (columns == n && adds) std::memcpy(&before, y, sizeof(V)), r[lane] += before;
            std::memcpy(columns == n ? y : out[lane], &r[lane], sizeof(V));
            if (columns != n) put_run<T, n / 2>(y, out[lane], columns, adds);
        }
    }
}

template void Runs<float>::scatter(float*, float const*, Index, bool);
template void Runs<float>::scatter(double*, float const*, Index, bool);
template void Runs<double>::scatter(double*, double const*, Index, bool);

}  // namespace unspool::core

// Where runs lie, and how they are gathered: blocks, repeated elements, elements backwards, every second, matrices that are transposed,
// and whatever is near.
#include <algorithm>
#include <unspool/autograd/cpu/pieces.hpp>
#include <unspool/autograd/cpu/runs.hpp>

namespace unspool::core {

namespace {

/// All places of some axes, in row-major order.
void write_places(std::vector<std::int32_t>& out, std::span<TileAxis const> axes) {
    std::size_t n = 1;
    for (TileAxis const& a : axes) n *= static_cast<std::size_t>(a.n);
    out.resize(n);
    std::int32_t* const place = out.data();
    place[0]                  = 0;
    Index behind              = 1;
    for (std::size_t a = axes.size(); a-- > 0; behind *= axes[a].n)
        for (Index done = 1; done < axes[a].n; done *= 2) {  // what is behind an axis is repeated along it
            auto const step = static_cast<std::int32_t>(done * axes[a].stride);
            Index const m   = std::min(done, axes[a].n - done) * behind;
            for (Index j = 0; j < m; ++j) place[done * behind + j] = place[j] + step;
        }
}

}  // namespace

template <Real T> void Runs<T>::lay_out(std::span<TileAxis const> axes) {
    std::size_t n = axes.size(), fast = 0;
    Index const by = n == 0 ? 1 : axes[n - 1].stride;
    kind_          = by == 1                        ? block
                     : by == 0                      ? repeated
                     : by == -1                     ? reversed
                     : by == 2 && axes[n - 1].n > 2 ? stepped
                                                    : turned;
    whole_ = {0, 1}, total_ = 1, n_ = 1, goes_back_ = unknown;
    for (TileAxis const& a : axes) (a.stride < 0 ? whole_.first : whole_.last) += (a.n - 1) * a.stride, total_ *= a.n;
    step_ = axes.empty() ? 0 : axes[0].stride, per_step_ = axes.empty() ? 1 : total_ / axes[0].n;
    while (fast < n && !(axes[fast].stride == 1 && axes[fast].n > 2)) ++fast;
    if (kind_ == turned && fast == n) kind_ = block;  // of one element each
    else if (kind_ == turned) {
        write_places(in_run_, axes.subspan(fast + 1));
        rows_ = std::ssize(in_run_), n_ = axes[fast].n * rows_, n = fast;
        in_run_.resize(in_run_.size() + Lane<T>::size, in_run_.back());
    } else if (n > 0) {
        n_ = axes[--n].n;
    }
    alone_ = n == 0 && !axes.empty();
    if (try_shuffle(axes)) return;
    if (kind_ == turned && n_ < 2 * in_lanes_of<T>) kind_ = block, n_ = 1, alone_ = false, n = axes.size();
    write_places(places_, axes.first(n));
}

// Where runs are long, there is less to lay out for each.
template <Real T> bool Runs<T>::try_shuffle(std::span<TileAxis const> axes) {
    constexpr Index width = in_lanes_of<T>;
    bool const worth = kind_ == block || kind_ == repeated ? n_ < 4 : kind_ == turned ? n_ < 4 * width : n_ < 2 * width;
    if (!worth || axes.empty()) return false;
    write_places(places_, axes);
    if (!shuffle_.lay_out(places_)) return false;
    kind_ = shuffled;
    return true;
}

template <Real T> typename Runs<T>::Reach Runs<T>::reach_of(Index size) const {
    Index const missing = (total_ - size) / per_step_ * step_;
    return {whole_.first - std::min(missing, Index{0}), whole_.last - std::max(missing, Index{0})};
}

template <Real T> void Runs<T>::gather(T* row, T const* from, Index size) const {
    Reach const reach = reach_of(size);
    switch (kind_) {
        case block: return gather_blocks(row, from, size, reach.last);
        case reversed: return gather_reversed(row, from, size, reach.first);
        case stepped: return gather_stepped(row, from, size, reach.last);
        case turned: return gather_turned(row, from, size, reach.last);
        case shuffled: return shuffle_.assign(row, from, size, reach.first, reach.last);
        case repeated:
            Index const n = length(size);
            for (std::int32_t const* place = places_.data(); size > 0; size -= n, row += n) {
                Lane<T> const x(from[*place++]);
                for (Index j = 0; j < n; j += in_lanes_of<T>) x.store_unaligned(row + j);
            }
    }
}

// Each block reaches over the next, which mends it.
template <Real T> void Runs<T>::gather_blocks(T* row, T const* from, Index size, Index last) const {
    Index const n = length(size), runs = size / n;
    with_power_of_two<in_lanes_of<T>>(n, [&]<class Chunk>(Chunk) {
        constexpr Index chunk           = Chunk::value;
        std::int32_t const* const place = places_.data();
        Index const end                 = last - (n + chunk - 1) / chunk * chunk;
#pragma GCC unroll 4
        for (Index i = 0; i < runs; ++i, row += n)
            if (T const* const x = from + place[i]; chunk == 1 || place[i] <= end)
                for (Index j = 0; j < n; j += chunk) std::memcpy(row + j, x + j, chunk * sizeof(T));
            else put_run(row, x, n, false);
    });
}

template <Real T> void Runs<T>::gather_reversed(T* row, T const* from, Index size, Index first) const {
    constexpr Index width = in_lanes_of<T>;
    constexpr auto back   = [](int lane) { return static_cast<int>(width) - 1 - lane; };
    Index const n         = length(size);
    for (std::int32_t const* place = places_.data(); size > 0; size -= n, row += n, ++place) {
        T const* const x = from + *place;
        Index j          = 0;
        for (; j < n && *place - j - width + 1 >= first; j += width) {
            Lane<T> const r = Lane<T>::load_unaligned(x - j - width + 1);
            picked<T>(r, r, back).store_unaligned(row + j);
        }
        for (; j < n; ++j) row[j] = x[-j];
    }
}

template <Real T> void Runs<T>::gather_stepped(T* row, T const* from, Index size, Index last) const {
    constexpr Index width = in_lanes_of<T>;
    Index const n         = length(size);
    for (std::int32_t const* place = places_.data(); size > 0; size -= n, row += n, ++place) {
        T const* const x = from + *place;
        Index j          = 0;
        for (; j < n && *place + 2 * j + 2 * width <= last; j += width)
            picked<T>(Lane<T>::load_unaligned(x + 2 * j), Lane<T>::load_unaligned(x + 2 * j + width), every_second)
                .store_unaligned(row + j);
        for (; j < n; ++j) row[j] = x[2 * j];
    }
}

template <Real T> void Runs<T>::gather_turned(T* row, T const* from, Index size, Index last) const {
    constexpr Index width = in_lanes_of<T>, least = std::min(width, Index{4});
    Index const n = length(size), rows = rows_, columns = n / rows;
    Index const most_behind = *std::max_element(in_run_.begin(), in_run_.end());
    for (std::int32_t const* place = places_.data(); size > 0; size -= n, row += n, ++place) {
        T const* const x = from + *place;
        bool const beyond =
            *place + most_behind + std::max(columns, width) > last;  // may no register reach over columns?
        if (!beyond || columns >= least) gather_matrix(row, x, columns, beyond ? columns : width);
        else
            for (Index j = 0; j < columns; ++j)
                for (Index i = 0; i < rows; ++i) row[j * rows + i] = x[j + in_run_[static_cast<std::size_t>(i)]];
    }
}

// Each row reaches over the next, which mends it.
template <Real T> void Runs<T>::gather_matrix(T* row, T const* from, Index columns, Index most) const {
    constexpr Index width = in_lanes_of<T>;
    Index const rows      = rows_;
    if (rows <= 2 && width > 2 && columns >= width) return gather_flat<2>(row, from, columns);
    if (rows <= 4 && width > 4 && columns >= width) return gather_flat<4>(row, from, columns);
    with_least_square<width>(rows, columns, most, [&]<class N>(N) { gather_squares<N::value>(row, from, columns); });
}

template <Real T> template <Index n> void Runs<T>::gather_squares(T* row, T const* from, Index columns) const {
    using V                         = Piece<T, n>;
    Index const rows                = rows_;
    std::int32_t const* const place = in_run_.data();
    for (Index at = 0; at < columns; at += n) {
        Index const j = std::max(Index{0}, std::min(at, columns - n)), used = std::min(n, columns);
        for (Index k = 0; k < rows; k += n) {
            Index const i = std::max(Index{0}, std::min(k, rows - n));
            V r[n];
#pragma GCC unroll 16
            for (Index lane = 0; lane < n; ++lane) std::memcpy(&r[lane], from + j + place[i + lane], sizeof(V));
            transpose_pieces<static_cast<int>(n / 2), static_cast<int>(n)>(r);
#pragma GCC unroll 16
            for (Index lane = 0; lane < n; ++lane)
                if (lane < used) std::memcpy(row + (j + lane) * rows + i, &r[lane], sizeof(V));
        }
    }
}

// So few rows that a register holds several columns.
template <Real T> template <int rows> void Runs<T>::gather_flat(T* row, T const* from, Index columns) const {
    constexpr Index width  = in_lanes_of<T>;
    constexpr auto in_turn = [](int lane) { return lane / 2 + lane % 2 * static_cast<int>(width); };
    constexpr auto behind  = [](int lane) {
        return lane / 2 + lane % 2 * static_cast<int>(width) + static_cast<int>(width) / 2;
    };
    for (Index at = 0; at < columns; at += width) {
        Index const j = std::min(at, columns - width);
        Lane<T> r[rows], mixed[rows];
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i) r[i] = Lane<T>::load_unaligned(from + j + in_run_[static_cast<std::size_t>(i)]);
#pragma GCC unroll 2
        for (int round = 1; round < rows; round *= 2) {
#pragma GCC unroll 2
            for (int i = 0; i < rows / 2; ++i) {
                mixed[2 * i]     = picked<T>(r[i], r[i + rows / 2], in_turn);
                mixed[2 * i + 1] = picked<T>(r[i], r[i + rows / 2], behind);
            }
#pragma GCC unroll 4
            for (int i = 0; i < rows; ++i) r[i] = mixed[i];
        }
        T* const to = row + j * rows_;
        alignas(64) T out[rows * width];
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i) r[i].store_unaligned((rows_ == rows ? to : out) + i * width);
        for (Index c = 0; rows_ != rows && c < width; ++c)
            std::memcpy(to + c * rows_, out + c * rows, rows * sizeof(T));
    }
}

template class Runs<float>;
template class Runs<double>;

}  // namespace unspool::core

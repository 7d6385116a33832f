// Shapes and strides: short lists of numbers that live in place, without an allocation.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// Sizes, axes and positions: signed, so that −1 is the last.
using Index = std::ptrdiff_t;

/// At most `max_rank` numbers, one for each axis.  Strides are counted in elements.
class Dims {
public:
    static constexpr std::size_t max_rank = 6;

    Dims() = default;
    /// ShapeError for more than max_rank numbers, here and below.
    Dims(std::initializer_list<Index> d, Where where = Where::here()) : Dims(std::span(d.begin(), d.size()), where) {}
    explicit Dims(std::span<Index const> d, Where where = Where::here()) : rank_(d.size()) {
        if (rank_ > max_rank) refuse(where);
        std::copy(d.begin(), d.end(), d_);
    }

    /// From the shape of an xtensor expression, a vector …
    template <class Container> static Dims of(Container const& c, Where where = Where::here()) {
        Dims d;
        for (auto n : c) d.push_back(static_cast<Index>(n), where);
        return d;
    }

    std::size_t rank() const { return rank_; }
    std::size_t size() const { return rank_; }
    bool empty() const { return rank_ == 0; }
    Index operator[](std::size_t i) const { return d_[i]; }
    Index& operator[](std::size_t i) { return d_[i]; }
    Index back() const { return d_[rank_ - 1]; }
    Index& back() { return d_[rank_ - 1]; }
    Index const* begin() const { return d_; }
    Index const* end() const { return d_ + rank_; }
    Index* begin() { return d_; }
    Index* end() { return d_ + rank_; }
    void push_back(Index n, Where where = Where::here()) {
        if (rank_ == max_rank) refuse(where);
        d_[rank_++] = n;
    }
    void pop_back() { --rank_; }
    void erase(std::size_t axis) {
        for (--rank_; axis < rank_; ++axis) d_[axis] = d_[axis + 1];
    }
    void insert(std::size_t axis, Index, Where = Where::here());

    friend bool operator==(Dims const& a, Dims const& b) {
        bool same = a.rank_ == b.rank_;
        for (std::size_t i = 0; same && i < a.rank_; ++i) same = a.d_[i] == b.d_[i];  // a call of memcmp costs more
        return same;
    }

private:
    [[noreturn]] static void refuse(Where);  // too many axes

    std::size_t rank_ = 0;
    Index d_[max_rank];
};

/// Sizes of the axes, from the outermost; none for a scalar.
using Shape = Dims;
/// How many elements lie between neighbours along each axis.
using Strides = Dims;

/// So many elements has the largest array that there can be, of either type: their bytes can be counted.
inline constexpr Index most_elements = PTRDIFF_MAX / 8;

/// The product of an array's sizes; -1 where no array can have them: where one is negative, or where the product of those that
/// are not 0 is above `most_elements`.  So the order of the sizes does not matter, and every stride can be counted as well.
inline Index elements_or_none(std::span<Index const> sizes) {
    Index n    = 1;
    bool empty = false, overflows = false;
    for (Index d : sizes) {
        overflows |= d < 0 || __builtin_mul_overflow(n, d == 0 ? 1 : d, &n);
        empty |= d == 0;
    }
    return overflows || n > most_elements ? -1 : empty ? 0 : n;
}

[[noreturn]] void no_such_shape(Shape const&);  ///< throws ShapeError
Index count(Shape const&);                      ///< elements; throws ShapeError where no array can have the shape
std::string text(Shape const&);                 ///< "[32,10]"
std::ostream& operator<<(std::ostream&, Shape const&);  ///< as text() says it

inline Index count(Shape const& s) {
    Index const n = elements_or_none({s.begin(), s.end()});
    if (n < 0) no_such_shape(s);
    return n;
}

/// Strides of a contiguous array.
inline Strides row_major(Shape const& s) {
    Strides out = s;
    Index n     = 1;
    for (std::size_t i = s.size(); i-- > 0; n *= s[i]) out[i] = n;
    return out;
}

/// numpy's rule: right-aligned, sizes equal or 1.  Returns false where they are neither.
bool broadcast(Shape& out, Shape const& with);

/// `strides` of an array of shape `from` when it is read as if it had the shape `to`: zero where it repeats.
Strides broadcast_strides(Shape const& from, Strides const& strides, Shape const& to);

/// Calls `f(at)` for every element of an array, the last axis fastest; `at` points to one index an axis.
template <class F> void each_index(Shape const& shape, F&& f) {
    Index at[Dims::max_rank] = {};
    for (Index left = count(shape); left > 0; --left) {
        f(static_cast<Index const*>(at));
        for (std::size_t i = shape.size(); i-- > 0 && ++at[i] == shape[i];) at[i] = 0;
    }
}

/// Axis `axis` of `rank`, counted from the end where negative; -1 where there is no such axis.
constexpr Index normalized_axis(Index axis, std::size_t rank) {
    Index const r = static_cast<Index>(rank), a = axis < 0 ? axis + r : axis;
    return a >= 0 && a < r ? a : -1;
}

}  // namespace unspool::core

namespace unspool {

using core::Index, core::Shape, core::Strides, core::count, core::row_major, core::text;

}  // namespace unspool

// A strided window into memory: what a Var points to, and what an operation computes with.
#pragma once
#include <string_view>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

using NodeId                    = std::uint32_t;  ///< the number of a node on its tape, in the order of recording
inline constexpr NodeId no_node = ~NodeId{0};  // computed while recording was paused: a constant, and not on the tape

/// How a view was taken from the window before it.
struct Viewing {
    enum Kind : std::uint8_t { whole, index, slice, stepped, piece, flip, reshape, transpose, expand };
    static constexpr Index to_the_end = -1;

    Kind kind = whole;
    // index: begin.  piece: number `begin` of `end` equal ones.  slice: [begin, end).
    Index axis = 0, begin = 0, end = 0;
    Index step = 1;  // stepped: every so many-th of [begin, end)

    friend bool operator==(Viewing const&, Viewing const&) = default;
};

/// How much of its node's value a window shows.  The sweep uses it to write the first increment to a gradient where it
/// would otherwise have to clear memory and add.
struct Cover {
    // every element once; piece `i` of `n`; a part of that; any other
    enum Kind : std::uint8_t { all, piece, within, some };
    Kind kind        = all;
    std::size_t axis = 0;  // along which the value was cut into `n` equal pieces
    Index i = 0, n = 1;
};

/// Lives in a tape's arena.  Immutable, but for its name.
struct Window {
    void* data  = nullptr;
    NodeId node = no_node;  // whose value, and whose gradient, this is a part of
    Shape shape;
    Strides strides;
    Window const* parent = nullptr;
    Viewing viewing;
    Cover cover;
    Where where;
    std::string_view name;  // "" unless named
};

inline bool is_contiguous(Shape const& shape, Strides const& strides) {
    Index n = 1;
    for (std::size_t i = shape.size(); i-- > 0; n *= shape[i])
        if (shape[i] != 1 && strides[i] != n) return false;
    return true;
}
inline bool is_contiguous(Window const& w) { return is_contiguous(w.shape, w.strides); }

/// Copies of a parameter's matrix as products take it fastest, made when enough rows have been multiplied by it, and kept
/// until the rewind.
struct Packed {
    static constexpr Index worth = 16;  // as many rows on the left as pay for the copy

    void* panels = nullptr;
    Index rows   = 0;  // so far
};
struct Reusable {
    Arena* memory    = nullptr;
    Packed as_stored = {}, transposed = {};
};

/// The same window as typed elements.  Copying it copies no element.
template <class T> struct Array {
    T* data;
    Shape shape;
    Strides strides;
    Reusable* reusable = nullptr;  // the whole of a parameter, as this tape reads it

    Index rank() const { return static_cast<Index>(shape.rank()); }
    operator Array<T const>() const requires(!std::is_const_v<T>) { return {data, shape, strides, reusable}; }
};

/// The sub-array at index `i` of the first axis.
template <class T> Array<T> at(Array<T> const& a, Index i) {
    Array<T> out = a;
    out.reusable = nullptr;
    out.data += i * a.strides[0];
    out.shape.erase(0), out.strides.erase(0);
    return out;
}

/// A matrix with its axes exchanged: no copy.
template <class T> Array<T> transposed(Array<T> const& a) {
    return {a.data, {a.shape[1], a.shape[0]}, {a.strides[1], a.strides[0]}, a.reusable};
}

/// The leading axes of an array as rows, if one stride leads through them all.
struct Rows {
    bool regular = true;
    Index n = 1, stride = 0;
};
Rows rows_of(Shape const&, Strides const&);

/// An array with at least one axis and regular rows as a matrix of them.
template <class T> Array<T> as_matrix(Array<T> const& a) {
    if (a.rank() == 2) return a;
    Rows const r = rows_of(a.shape, a.strides);
    return {a.data, {r.n, a.shape.back()}, {r.stride, a.strides.back()}, a.reusable};
}

}  // namespace unspool::core

namespace unspool {

using core::NodeId;

}  // namespace unspool

// Matrix products, over whichever library computes them.
#pragma once
#include <unspool/autograd/cpu/copy.hpp>

namespace unspool::core {

/// Two axes of an array, with any strides, counted in elements: as little as a small product can be called with.
template <class T> struct Matrix {
    T* data;
    Index rows, columns;
    Index down, across;            // from row to row, and from column to column
    Reusable* reusable = nullptr;  // the whole of a parameter

    Matrix(T* first, Index m, Index n, Index to_row, Index to_column, Reusable* whole = nullptr)
        : data(first), rows(m), columns(n), down(to_row), across(to_column), reusable(whole) {}
    template <class U> Matrix(Array<U> const& a)
        : Matrix(a.data, a.shape[0], a.shape[1], a.strides[0], a.strides[1], a.reusable) {}

    Matrix transposed() const { return {data, columns, rows, across, down, reusable}; }
    Array<T> array() const { return {data, {rows, columns}, {down, across}, reusable}; }
};

/// A product of two matrices that is not carried out yet, so that adding it to something is one call.
template <class T> struct Product {
    Array<T const> a, b;  // [m,k] [k,n], with any strides
};

/// c = a b, or c += a b.  The shapes must fit.
template <Real T> void multiply(Matrix<T> const& c, Matrix<T const> const& a, Matrix<T const> const& b, WriteMode fill);
template <Real T> void multiply(Array<T> const& c, Product<T> const& p, WriteMode fill) {
    multiply<T>(Matrix<T>(c), Matrix<T const>(p.a), Matrix<T const>(p.b), fill);
}

/// How many products of so few rows with the same matrix are best computed as one?
Index products_at_once(Index rows);
/// As many, or more where that is more than one and each gives few bytes: most steps are then alike, in that none of these is theirs.
/// Where blocks of one length begin, those of a shorter one do, too.
Index products_in_block(Index rows, Index bytes);

}  // namespace unspool::core

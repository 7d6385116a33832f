// Matrix products, over whichever library computes them.
#pragma once
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/array/write_mode.hpp>

namespace unspool::core {

/// A product of two matrices that is not carried out yet, so that adding it to something is one call.
template <class T> struct Product {
    Array<T const> a, b;  // [m,k] [k,n], with any strides
};

/// c = a b, or c += a b.  The shapes must fit.
template <Real T> void multiply(Array<T> c, Product<T> const& p, WriteMode fill);

/// Is a product with so few rows better computed as a part of a larger one?
bool better_at_once(Index rows);

/// to = from or to += from, for arrays of one shape with any strides.
template <Real T> void copy(Array<T> to, Array<T const> from, WriteMode fill = WriteMode::assign);

}  // namespace unspool::core

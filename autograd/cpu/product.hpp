// Matrix products, over whichever library computes them.
#pragma once
#include <unspool/autograd/cpu/copy.hpp>

namespace unspool::core {

/// A product of two matrices that is not carried out yet, so that adding it to something is one call.
template <class T> struct Product {
    Array<T const> a, b;  // [m,k] [k,n], with any strides
};

/// c = a b, or c += a b.  The shapes must fit.
template <Real T> void multiply(Array<T> c, Product<T> const& p, WriteMode fill);

/// How many products of so few rows with the same matrix are best computed as one?
Index products_at_once(Index rows);

}  // namespace unspool::core

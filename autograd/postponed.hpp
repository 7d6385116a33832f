// Increments to the adjoint of a parameter that are products of few rows each: the gradient of a weight that every time
// step uses.  One by one they would be bound by memory; their rows are gathered and multiplied together.
#pragma once
#include <unspool/autograd/fill.hpp>
#include <unspool/autograd/product.hpp>
#include <unspool/autograd/scratch.hpp>
#include <unspool/autograd/tape.hpp>

namespace unspool {

/// dW += aᵀ b, for the rows of a and b gathered so far.
struct Gathered {
    NodeId leaf;
    Index  rows, capacity, m, n;  // a is [rows,m], b is [rows,n]
    void*  a;
    void*  b;
};

class Adjoints;

/// Takes the product, if it is worth its while.  Memory is bounded: a full gathering is multiplied at once.
template <Real T> bool gather(Adjoints&, std::vector<Gathered>&, Window const& operand, Product<T> const&);
void                   flush(Adjoints&, Gathered&);

}  // namespace unspool

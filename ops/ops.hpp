// All operations, and the list of them: an operation that is not in it does not exist, and one that does not show
// how it is used cannot be in it.
#pragma once
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/gather.hpp>
#include <unspool/ops/layout.hpp>
#include <unspool/ops/linalg.hpp>
#include <unspool/ops/loss.hpp>
#include <unspool/ops/projection.hpp>
#include <unspool/ops/reduce.hpp>

namespace unspool {

/// Operations that show how they are used.
template <Exemplified... Op> using WithExamples = List<Op...>;

using ReduceOps = WithExamples<Sum, Mean>;
using ArrayOps  = WithExamples<Matmul, Projection, Copy, Stack, Concat, GatherRows, LogSoftmax, CrossEntropy>;

/// Every operation there is: what the tests, the tables and the pictures iterate.
struct AllOps {
    UnaryOps  unary;
    BinaryOps binary;
    ReduceOps reduce;
    ArrayOps  array;
};

}  // namespace unspool

// An array operation is called with as many operands as its signature has.
// expect: this operation was called with the wrong number of operands
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

Var product(Var a, Var b) {
#ifdef CONTROL
    return call(Matmul{}, Where::here(), a, b);
#else
    return call(Matmul{}, Where::here(), a, b, b);
#endif
}

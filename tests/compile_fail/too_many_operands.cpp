// A formula reads at most 31 arrays.
// expect: a formula has at most 31 operands
#include <unspool/ops/ops.hpp>

using unspool::Var;

Var of_32(Var x) {
    auto const two     = x + x;
    auto const four    = two + two;
    auto const eight   = four + four;
    auto const sixteen = eight + eight;
#ifdef CONTROL
    return sixteen;
#else
    return sixteen + sixteen;
#endif
}

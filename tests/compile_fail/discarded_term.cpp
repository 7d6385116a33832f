// A term that no one keeps computes nothing, and is a mistake.
// expect: a term does nothing until it is assigned to a Var
#include <unspool/ops/ops.hpp>

void f(unspool::Var x, unspool::Var y) {
#ifdef CONTROL
    static_cast<void>(x * y);
#else
    x* y;
#endif
}

// A comparison of arrays is no condition.
// expect: a term is no condition, it has a value for each element
#include <unspool.hpp>

using namespace unspool;

Var f(Var a) {
#ifdef CONTROL
    if (Var(a > 0).item() != 0) return a;
#else
    if (a > 0) return a;
#endif
    return -a;
}

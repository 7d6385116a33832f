// Steps are counted, or scanned.
// expect: a loop over steps is scan\(cell, xs, h0\), or .for
#include <unspool.hpp>

using namespace unspool;

Var f(Var xs) {
    Var h = xs[0];
#ifdef CONTROL
    for (Index t = 1; t < xs.size(0); ++t) h = h + xs[t];
#else
    for (Var x : xs) h = h + x;
#endif
    return h;
}

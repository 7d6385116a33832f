// What cannot be scanned is told what is missing, and how it would look.
// expect: wants .State operator\(\)\(Var x, State s\) const. of the cell
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    Param& w;
#ifdef CONTROL
    Var operator()(Var x, Var h) const { return w * h + x; }
#else
    Var step(Var x, Var h) const { return w * h + x; }
#endif
};
Var f(Mine const& cell, Var xs, Var h0) { return scan(cell, xs, h0).state; }

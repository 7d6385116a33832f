// A state holds its Vars, and does not refer to them.
// expect: the state of a scan is a Var, or a struct of Vars, like .* without references
#include <unspool.hpp>

using namespace unspool;

struct State {
#ifdef CONTROL
    Var h;
#else
    Var& h;
#endif
    Var c;
};
struct Mine {
    State operator()(Var x, State s) const { return s.h = x * s.h, s; }
};
Var f(Mine const& cell, Var xs, State s) { return scan(cell, xs, s).state.h; }

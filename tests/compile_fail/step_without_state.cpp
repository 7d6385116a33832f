// A step gives the whole next state, and not its output alone.
// expect: wants .State operator\(\)\(Var x, State s\) const. of the cell
#include <unspool.hpp>

using namespace unspool;

struct State {
    Var h, c;
};
struct Mine {
#ifdef CONTROL
    State operator()(Var x, State s) const { return {x * s.h, s.c}; }
#else
    Var operator()(Var x, State s) const { return x * s.h; }
#endif
};
Var f(Mine const& cell, Var xs, State s) { return scan(cell, xs, s).state.h; }

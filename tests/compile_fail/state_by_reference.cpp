// A step takes the state by value: a scan keeps the one before it.
// expect: error: static assertion failed.*wants .State operator\(\)\(Var x, State s\) const|error: static_assert failed.*wants .State
#include <unspool.hpp>

using namespace unspool;

struct State {
    Var h, c;
};
struct Mine {
#ifdef CONTROL
    State operator()(Var x, State s) const { return {x * s.h, s.c}; }
#else
    State operator()(Var x, State& s) const { return s.h = x * s.h, s; }
#endif
};
Var f(Mine const& cell, Var xs, State s) { return scan(cell, xs, s).state.h; }

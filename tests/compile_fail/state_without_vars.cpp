// A state has a Var in it, which the step gives out.
// expect: the state of a scan is a Var, or a struct of Vars
#include <unspool.hpp>

using namespace unspool;

#ifdef CONTROL
using State = Var;
#else
struct State {
    int count;
};
#endif
struct Mine {
    State operator()(Var, State s) const { return s; }
};
State f(Var xs, State s) { return scan(Mine{}, xs, s).state; }

// How many Vars there are in a state is known when it is compiled.
// expect: the state of a scan is a Var, or a struct of Vars
#include <unspool.hpp>
#include <vector>

using namespace unspool;

#ifdef CONTROL
using State = std::array<Var, 2>;
#else
using State = std::vector<Var>;
#endif
struct Mine {
    State operator()(Var x, State s) const { return s[0] = x * s[1], s; }
};
Var f(Mine const& cell, Var xs, State s) { return scan(cell, xs, s).state[0]; }

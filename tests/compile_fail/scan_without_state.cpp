// A scan starts from a state that it is given.
// expect: wants the state to start from: cell.zeros\(tape, batch\)
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    Var operator()(Var x, Var h) const { return x * h; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
};
#ifdef CONTROL
Var f(Mine const& cell, Var xs) { return scan(cell, xs, cell.zeros(xs.tape(), xs.size(1))).state; }
#else
Var f(Mine const& cell, Var xs) { return scan(cell, xs).state; }
#endif

// A step changes nothing but its state.
// expect: wants .State operator\(\)\(Var x, State\) const. of the cell
#include <unspool.hpp>

using namespace unspool;

struct Mine {
#ifdef CONTROL
    Var operator()(Var x, Var h) const { return x * h; }
#else
    Var operator()(Var x, Var h) { return x * h; }
#endif
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
};
bool f(Mine const& cell) { return gradcheck(cell).passed(); }

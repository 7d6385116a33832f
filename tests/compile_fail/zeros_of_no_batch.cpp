// A state to start from is asked for a batch of any size, of a cell that is not to change.
// expect: wants .State zeros\(Tape&, Index batch\) const
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    Var operator()(Var x, Var h) const { return x * h; }
#ifdef CONTROL
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
#else
    Var zeros(Tape& tape) const { return tape.zeros({3}); }
#endif
};
bool f(Mine const& cell) { return gradcheck(cell).passed(); }

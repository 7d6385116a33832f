// A cell that cannot make up a state cannot be checked by itself, and the compiler says what is missing.
// expect: wants .State zeros\(Tape&, Index batch\) const
#include <unspool.hpp>

struct Bare {
    unspool::Var operator()(unspool::Var x, unspool::Var h) const { return x * h; }
#ifdef CONTROL
    unspool::Var zeros(unspool::Tape& tape, unspool::Index) const { return tape.constant(0); }
#endif
};
bool f(Bare const& cell) { return unspool::gradcheck(cell).passed(); }

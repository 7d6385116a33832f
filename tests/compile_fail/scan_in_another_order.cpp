// Arguments in another order are told which comes first.
// expect: wants the cell first, then a Var xs
// places: 6
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    nn::Linear W;
    Var operator()(Var x, Var h) const { return tanh(W(x) + h); }
};
#ifdef CONTROL
Var f(Mine const& cell, Var xs, Var h0) { return scan(cell, xs, h0).state; }
#else
Var f(Mine const& cell, Var xs, Var h0) { return scan(xs, cell, h0).state; }
#endif

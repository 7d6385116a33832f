// The cell of a layer changes nothing but its state.
// expect: a layer wants .State operator\(\)\(Var x, State\) const
#include <unspool.hpp>

using namespace unspool;

struct Mine {
    nn::Linear W;
    Mine(Params p, Index in, Index hidden) : W(p, in, hidden) {}
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }
#ifdef CONTROL
    Var operator()(Var x, Var h) const { return h + W(x); }
#else
    Var operator()(Var x, Var h) { return h + W(x); }
#endif
};
Var f(Params p, Var xs) { return nn::Layer<Mine>(p, 2, 3)(xs).outputs; }

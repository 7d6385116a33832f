// A layer starts from a state of zeros, which its cell must give.
// expect: a layer wants .State zeros\(Tape&, Index batch\) const
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

struct Bare {
    nn::Linear W;
    Bare(Params p, Index in, Index hidden) : W(p, in, hidden) {}
    Var operator()(Var x, Var h) const { return h + W(x); }
#ifdef CONTROL
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }
#endif
};
bool f(Params p) { return nn::Layer<Bare>(p, 2, 3).reverse; }

// What a layer is made of must be a cell, and the compiler says what is missing.
// expect: a layer wants .State operator\(\)\(Var x, State\) const
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

struct Forgetful {
    nn::Linear W;
    Forgetful(Params p, Index in, Index hidden) : W(p, in, hidden) {}
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, out()}); }
    Index out() const { return W.out(); }
#ifdef CONTROL
    Var operator()(Var x, Var h) const { return h + W(x); }
#else
    Var operator()(Var x) const { return W(x); }
#endif
};
std::size_t f(Params p) { return nn::Stacked<Forgetful>(p, 2, 3).layers().size(); }
